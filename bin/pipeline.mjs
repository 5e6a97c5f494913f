#!/usr/bin/env node
// Plain JavaScript: it must run on a Node too old for the rest, and find the one that `npm ci` brought along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'cli', 'program.ts');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const recent = major > 22 || (major === 22 && minor >= 18);

const bundled = join(
  root,
  'node_modules',
  `node-${process.platform.replace('32', '')}-${process.arch}`,
  'bin',
  'node',
);
const newer = [bundled, `${bundled}.exe`].find((path) => existsSync(path));

if (recent) {
  await import('./load-env.mjs');
  await import(pathToFileURL(main).href);
} else if (newer) {
  const loadEnv = new URL('./load-env.mjs', import.meta.url).href;
  const child = spawn(newer, ['--import', loadEnv, main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; this one waits for the other, which ends in order.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
} else {
  await import('./check-node.mjs');
}
