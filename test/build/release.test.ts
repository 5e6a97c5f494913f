import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextVersion, parseCommit } from '../../build/conventional-commits.ts';

const SCRIPT = resolve('build/release.ts');
const TODAY = /\d{4}-\d{2}-\d{2}/g;

let project = '';
const git = (...args: string[]) => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim();
const commit = (message: string) => git('commit', '--quiet', '--allow-empty', '--message', message);
const read = (file: string) => readFileSync(join(project, file), 'utf8').replace(TODAY, 'DATE');
const release = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    cwd: project,
    encoding: 'utf8',
  });
  return { status, stdout: stdout.replace(TODAY, 'DATE').replace(/\([0-9a-f]{7,}\)/g, '(HASH)'), stderr };
};

describe('a release', () => {
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'release-'));
    git('init', '--quiet', '--initial-branch=main');
    git('config', 'user.name', 'A');
    git('config', 'user.email', 'a@example.com');
    git('config', 'commit.gpgsign', 'false');
    git('config', 'tag.gpgsign', 'false');
    const manifest = { name: 'p', version: '0.1.0' };
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
    const lock = { ...manifest, lockfileVersion: 3, packages: { '': manifest } };
    writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock));
    writeFileSync(join(project, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n- The page.\n');
    git('add', '--all');
    commit('feat: the page');
  });
  afterEach(() => rmSync(project, { recursive: true }));

  it('is first what package.json says, told in the words of the changelog', () => {
    expect(release().stdout).toBe('## 0.1.0 (DATE)\n\n- The page.\n');
    expect(release('--write')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('git push --follow-tags'),
    });
    expect(read('CHANGELOG.md')).toBe('# Changelog\n\n## Unreleased\n\n## 0.1.0 (DATE)\n\n- The page.\n');
    expect(git('tag', '--list')).toBe('v0.1.0');
    expect(git('log', '-1', '--format=%s')).toBe('chore(release): 0.1.0');
    expect(git('status', '--porcelain')).toBe('');
  });

  it('then lists what commits since the last one brought, and keeps what was told before', () => {
    release('--write');
    commit('feat(page): a map of pictures');
    commit('fix: a name with a slash');
    commit('chore: tidy');
    commit('no convention here');
    expect(release('--write').status).toBe(0);
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: '0.2.0' });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
    const told = release('--notes').stdout;
    expect(told).toBe(
      '### Features\n\n- **page:** a map of pictures (HASH)\n\n### Fixes\n\n- a name with a slash (HASH)\n',
    );
    expect(read('CHANGELOG.md')).toMatch(
      /## Unreleased\n\n## 0\.2\.0 .*\n\n[\s\S]*\n\n## 0\.1\.0 \(DATE\)\n\n- The page\.\n$/,
    );
  });

  it('is refused where nothing that users notice has changed, or something is not committed', () => {
    writeFileSync(join(project, 'new.txt'), '');
    expect(release('--write')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Commit or undo'),
    });
    rmSync(join(project, 'new.txt'));
    release('--write');
    commit('docs: a word');
    expect(release('--write')).toMatchObject({ status: 1, stderr: expect.stringContaining('since v0.1.0') });
  });
});

describe('the next version', () => {
  const after = (current: string, ...messages: string[]) =>
    nextVersion(
      current,
      messages.flatMap((message) => parseCommit('abc1234', message) ?? []),
    );

  it.each([
    ['a fix', '1.4.2', ['fix: a'], '1.4.3'],
    ['a feature', '1.4.2', ['fix: a', 'feat(b): c'], '1.5.0'],
    ['an exclamation mark', '1.4.2', ['refactor(api)!: a'], '2.0.0'],
    ['a footer', '1.4.2', ['fix: a\n\nText.\n\nBREAKING CHANGE: b is\ngone.'], '2.0.0'],
    ['what breaks before 1.0.0', '0.4.2', ['feat!: a'], '0.5.0'],
    ['a message of no convention', '0.4.2', ['Feat without colon'], '0.4.3'],
  ])('after %s', (_title, current, messages, expected) => {
    expect(after(current, ...messages)).toBe(expected);
  });

  it('comes with the words in which a commit says what breaks', () => {
    const message = 'feat(api): a\n\nBREAKING CHANGE: b is\ngone.\n\nReviewed-by: C';
    expect(parseCommit('abc1234', message)).toEqual({
      hash: 'abc1234',
      type: 'feat',
      scope: 'api',
      subject: 'a',
      breaking: 'b is gone.',
    });
  });
});
