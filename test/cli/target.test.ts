import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../local/endpoints.ts';
import { runCommand } from './command-line.ts';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'no-cloud-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

describe('which pipeline a command talks to', () => {
  it('is never one that was closed and left its address behind', async () => {
    await writeEndpoints(dataDir, {
      page: 'http://127.0.0.1:1',
      storage: 'http://127.0.0.1:1',
      firestore: '127.0.0.1:1',
      pubsub: 'http://127.0.0.1:1',
      clientEnv: {},
    });
    const { code, stderr } = await runCommand(['results', '--data', dataDir]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `✗ No local cloud is running in ${dataDir}.\n  Start it with: npm start -- --data ${dataDir}\n`,
    );
  });

  it.each(['results', 'show x', 'cost', 'resume', 'export'])(
    'is asked for as nobody in particular: %s says so, once and without a stack',
    async (command) => {
      const env = { HOME: dataDir, METADATA_SERVER_DETECTION: 'none' };
      const args = ['--project', 'p', '--bucket', 'b', ...command.split(' ')];
      const { code, stderr } = await runCommand(args, { env });
      expect(code).toBe(1);
      expect(stderr).toBe(
        '✗ No Google credentials were found.\n  Sign in: gcloud auth application-default login\n',
      );
    },
  );

  it.each([
    [['results', '--bucket', 'b'], 'Add --project PROJECT_ID.'],
    [['results', '--project', 'p'], 'Add --bucket NAME'],
  ])('needs project and bucket of a deployment (%j)', async (args, advice) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(advice);
  });
});

describe('the command line', () => {
  it('explains itself: every command has examples', async () => {
    const { code, stdout } = await runCommand(['--help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) \[options\]|^ {2}([a-z-]+) {2,}/gm)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    const own = commands.filter((name) => !name.startsWith('-'));
    expect(own).toEqual(
      expect.arrayContaining(['upload', 'watch', 'results', 'show', 'export', 'import-config']),
    );
    for (const name of own) {
      const help = await runCommand([name, '--help']);
      expect(help.stdout, name).toContain(`Examples:\n  $ pipeline ${name}`);
    }
  });

  it('suggests what may have been meant', async () => {
    const { code, stderr } = await runCommand(['uplaod', 'x.jpg']);
    expect(code).toBe(1);
    expect(stderr).toContain("✗ unknown command 'uplaod'");
    expect(stderr).toContain('Did you mean upload?');
  });

  it.runIf(olderNode() !== undefined)(
    'runs with the Node it brings along where the own one is too old',
    () => {
      const said = execFileSync(olderNode() ?? '', [PIPELINE, 'profiles', 'list'], { encoding: 'utf8' });
      expect(said).toContain('inventory');
    },
  );

  it.runIf(olderNode() !== undefined)(
    'started directly on a Node that is too old, says so in a sentence',
    () => {
      const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
      const { status, stdout, stderr } = spawnSync(olderNode() ?? '', [main, 'results'], {
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^This needs Node 22\.18 or newer, and this is v\d+\.\d+\.\d+\.\n/);
    },
  );
});

/** A Node of the system that cannot run TypeScript, if there is one. */
function olderNode(): string | undefined {
  try {
    const version = execFileSync('/usr/bin/node', ['--version'], { encoding: 'utf8' });
    return Number(/^v(\d+)/.exec(version)?.[1]) < 22 ? '/usr/bin/node' : undefined;
  } catch {
    return undefined;
  }
}
