import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Commit, nextVersion, notesOf, parseCommit } from './conventional-commits.ts';

const USAGE = `Usage: npm run release [-- --write | --notes]

  (nothing)  shows what the next release would be: its version, and its part of CHANGELOG.md
  --write    writes CHANGELOG.md, package.json and package-lock.json, commits and tags; pushing is left to you
  --notes    the part of CHANGELOG.md of the version in package.json, for the release's page`;

const CHANGELOG = 'CHANGELOG.md';
const UNRELEASED = '## Unreleased';
const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

/** The newest tag of a version that this commit stands on. */
function lastTag(): string | undefined {
  const [tag] = git('tag', '--list', 'v[0-9]*', '--merged', 'HEAD', '--sort=-version:refname').split('\n');
  return tag || undefined;
}

function commitsSince(tag: string): Commit[] {
  const log = git('log', '--no-merges', '--format=%h%x00%B%x01', `${tag}..HEAD`);
  return log.split('\x01').flatMap((entry) => {
    const [hash = '', message = ''] = entry.trim().split('\0');
    return parseCommit(hash, message) ?? [];
  });
}

interface Release {
  version: string;
  /** Its part of CHANGELOG.md. */
  section: string;
  /** CHANGELOG.md with the release in it. */
  changelog: string;
}

/** The first release is what package.json says, and everything in it is new: it lists no commits. */
function prepare(): Release {
  const tag = lastTag();
  const commits = tag === undefined ? [] : commitsSince(tag);
  if (tag !== undefined && notesOf(commits) === '') {
    throw new Error(
      `Nothing that users notice has changed since ${tag}: no feat, fix, perf or breaking change.`,
    );
  }
  const version = tag === undefined ? versionOf() : nextVersion(tag.slice(1), commits);
  const title = `## ${version} (${new Date().toISOString().slice(0, 10)})`;
  const text = readFileSync(CHANGELOG, 'utf8');
  const written = sectionOf(text, UNRELEASED);
  if (written === undefined) throw new Error(`${CHANGELOG} has no line "${UNRELEASED}".`);
  const section = [title, written, notesOf(commits)].filter((part) => part !== '').join('\n\n');
  const [before = '', after = ''] = text.split(`${UNRELEASED}\n`);
  const rest = after.slice(after.indexOf('\n## ') + 1);
  const older = after.includes('\n## ') ? `\n${rest}` : '';
  return { version, section, changelog: `${before}${UNRELEASED}\n\n${section}\n${older}` };
}

/** What stands below a heading, without it; undefined without such a heading. */
function sectionOf(text: string, heading: string): string | undefined {
  const start = text.split('\n').findIndex((line) => line === heading || line.startsWith(`${heading} (`));
  if (start < 0) return undefined;
  const below = text.split('\n').slice(start + 1);
  const end = below.findIndex((line) => line.startsWith('## '));
  return below
    .slice(0, end < 0 ? undefined : end)
    .join('\n')
    .trim();
}

const versionOf = (): string =>
  (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;

function write({ version, changelog }: Release): void {
  if (git('status', '--porcelain') !== '') throw new Error('Commit or undo your changes first.');
  writeFileSync(CHANGELOG, changelog);
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'], {
    stdio: 'ignore',
  });
  git('commit', '--quiet', '--all', '--message', `chore(release): ${version}`);
  git('tag', '--annotate', `v${version}`, '--message', version);
}

function notes(): string {
  const section = sectionOf(readFileSync(CHANGELOG, 'utf8'), `## ${versionOf()}`);
  if (section === undefined) throw new Error(`${CHANGELOG} tells nothing of ${versionOf()}.`);
  return section;
}

/** What is printed. */
function main(): string {
  const { values } = parseArgs({
    options: { write: { type: 'boolean' }, notes: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return USAGE;
  if (values.notes) return notes();
  const release = prepare();
  if (!values.write) return release.section;
  write(release);
  return `v${release.version} is committed and tagged here. To publish it: git push --follow-tags`;
}

try {
  console.log(main());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
