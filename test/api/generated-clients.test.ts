import { execFile, execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

const run = promisify(execFile);
/** A Python with openapi-python-client and schemathesis, where it is not the one on the path. */
const PYTHON = process.env['CLIENTS_PYTHON'] ?? 'python3';
const GENERATED = fileURLToPath(new URL('generated/', import.meta.url));

function isInstalled(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

const hasPython = isInstalled(PYTHON, '-c', 'import openapi_python_client');
const hasSchemathesis = isInstalled(PYTHON, '-c', 'import schemathesis');
const hasGo = isInstalled('go', 'version') && isInstalled('oapi-codegen', '--version');

const WHAT_BOTH_SAY = [
  'accepted queued',
  'waiting queued',
  'read completed 12345',
  'picture ffd8',
  'feedback right',
];

describe.skipIf(!hasPython && !hasGo && !hasSchemathesis)(
  'from the OpenAPI document',
  { timeout: 300_000 },
  () => {
    let api: RunningApi;
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'generated-'));
      api = await startApi({ RATE_BURST: '100000', MAX_LISTENERS: '1' });
      for (const path of ['openapi', 'openapi?profile=inventory']) {
        const [name, query = ''] = path.split('?');
        const document = await fetch(`${api.url}/v1/${name}.json?${query}`);
        await writeFile(join(folder, query ? 'inventory.json' : 'any.json'), await document.text());
      }
    });

    afterAll(async () => {
      await api.close();
      await rm(folder, { recursive: true });
    });

    /** A completed result with its prepared picture. */
    async function result(id: string): Promise<string> {
      const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
      const now = Date.now();
      const { prepared } = preparedAs(id, jpeg.length);
      if (prepared) await api.storage.bucket('prepared').file(prepared.name).save(jpeg, { resumable: false });
      await api.write(id, resultAt(now, { ...preparedAs(id, jpeg.length), ...answered(now) }));
      return id;
    }

    it.skipIf(!hasPython)(
      'openapi-python-client makes a client that uploads, waits, reads, judges and deletes',
      async () => {
        const generate = ['-m', 'openapi_python_client', 'generate', '--meta', 'none', '--overwrite'];
        const made = await run(
          PYTHON,
          [...generate, '--path', 'inventory.json', '--output-path', 'pipeline_api'],
          {
            cwd: folder,
          },
        );
        expect(made.stdout).not.toMatch(/Unable to process|Attempted to generate|will be omitted/i);
        await copyFile(join(GENERATED, 'flow.py'), join(folder, 'flow.py'));
        const { stdout } = await run(PYTHON, ['flow.py', api.url, await result(idNumber(1))], {
          cwd: folder,
        });
        expect(stdout.trim().split('\n')).toEqual([
          ...WHAT_BOTH_SAY,
          "corrected {'shelfId': 'B-2'}",
          'listed True',
          'deleted 204',
        ]);
      },
    );

    it.skipIf(!hasGo)(
      'oapi-codegen makes a client that uploads, waits, reads, judges and deletes',
      async () => {
        const cwd = join(folder, 'go');
        await mkdir(cwd);
        await run('go', ['mod', 'init', 'example.com/flow'], { cwd });
        await run(
          'oapi-codegen',
          ['-package', 'main', '-generate', 'types,client', '-o', 'api.gen.go', '../inventory.json'],
          {
            cwd,
          },
        );
        await copyFile(join(GENERATED, 'flow.go'), join(cwd, 'flow.go'));
        await run('go', ['mod', 'tidy'], { cwd });
        const { stdout } = await run('go', ['run', '.', api.url, await result(idNumber(2))], { cwd });
        expect(stdout.trim().split('\n')).toEqual([
          ...WHAT_BOTH_SAY,
          'corrected map[shelfId:B-2]',
          'listed true',
          'deleted 204',
        ]);
      },
    );

    it.skipIf(!hasSchemathesis)('schemathesis finds no disagreement of document and server', async () => {
      await result(idNumber(3));
      await copyFile(join(GENERATED, 'schemathesis.toml'), join(folder, 'schemathesis.toml'));
      const options = [
        '--phases',
        'coverage,fuzzing',
        '--max-examples',
        '5',
        '--checks',
        'all',
        '--seed',
        '1',
      ];
      const { stdout } = await run(
        PYTHON,
        [
          '-m',
          'schemathesis.cli',
          'run',
          'any.json',
          '--url',
          api.url,
          '--exclude-path',
          '/v1/events',
          '--no-color',
          ...options,
        ],
        { cwd: folder, maxBuffer: 10_000_000 },
      ).catch((error: { stdout: string }) => error);
      expect(stdout).not.toMatch(/FAILURES|ERRORS/);
      expect(stdout).toMatch(/Tested: +14/);
    });
  },
);
