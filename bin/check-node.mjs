// Plain JavaScript: it must run on the very Node that cannot run the rest.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `This needs Node 22.18 or newer, and this is ${process.version}.\n` +
      'On Linux and Windows `npm ci` brings the right one along; elsewhere install Node 24 from https://nodejs.org.\n',
  );
  process.exit(1);
}
