import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { answered, idNumber, preparedAs, resultAt } from '../api/documents.ts';
import { type RunningApi, startApi } from '../api/running-api.ts';
import { type Ended, run } from './command.ts';
import type { Program, Toolchain } from './toolchains/toolchain.ts';

const GENERATED = fileURLToPath(new URL('generated/', import.meta.url));
/** Seconds on an idle machine. */
const WITHIN_MS = 280_000;
/** Some two thousand requests. */
const WITHIN_MS_OF_SCHEMATHESIS = 570_000;
const within = { timeout: WITHIN_MS_OF_SCHEMATHESIS + 10_000 };

const WHAT_ALL_SAY = [
  'accepted queued',
  'waiting queued',
  'read completed 12345',
  'picture ffd8',
  'feedback right',
  'corrected B-2',
  'listed true',
  'deleted 204',
];

const { go, openapiGenerator, pythonGenerators } = inject('toolchains');

let api: RunningApi;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generated-'));
  api = await startApi({ RATE_BURST: '100000', MAX_LISTENERS: '1' });
  for (const [file, query] of [
    ['any.json', ''],
    ['inventory.json', '?profile=inventory'],
  ] as const) {
    const document = await fetch(`${api.url}/v1/openapi.json${query}`);
    await writeFile(join(folder, file), await document.text());
  }
}, WITHIN_MS);

afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
}, WITHIN_MS);

/** A completed result with its prepared picture. */
async function result(number: number): Promise<string> {
  const id = idNumber(number);
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
  const now = Date.now();
  const { prepared } = preparedAs(id, jpeg.length);
  if (prepared) await api.storage.bucket('prepared').file(prepared.name).save(jpeg, { resumable: false });
  await api.write(id, resultAt(now, { ...preparedAs(id, jpeg.length), ...answered(now) }));
  return id;
}

const start = (
  program: Program | undefined,
  args: readonly string[],
  { cwd = folder, withinMs = WITHIN_MS } = {},
): Promise<Ended> => {
  if (!program) throw new Error('The toolchain lacks a program.');
  const { command, args: first, env } = program;
  return run(command, [...first, ...args], { cwd, ...(env ? { env } : {}), withinMs });
};

/** A test of what needs these toolchains; where one is absent it is left out, and says why. */
function withTools(
  name: string,
  toolchains: readonly Toolchain[],
  test: (programs: Record<string, Program>) => Promise<void>,
): void {
  const lacking = toolchains.find((toolchain) => toolchain.kind === 'absent');
  if (lacking) {
    it.skip(`${name}: left out, because it cannot be run here: ${lacking.reason}`);
    return;
  }
  it(name, within, async () => {
    const programs = toolchains.map((toolchain) => {
      if (toolchain.kind !== 'ready') throw new Error(toolchain.reason);
      return toolchain.programs;
    });
    await test(Object.assign({}, ...programs));
  });
}

describe('a client made from the OpenAPI document uploads, waits, reads, judges and deletes', () => {
  withTools('by openapi-python-client', [pythonGenerators], async ({ openapiPythonClient, python }) => {
    await writeFile(join(folder, 'config.json'), '{ "post_hooks": [] }');
    const options = ['--meta', 'none', '--overwrite', '--config', 'config.json'];
    const { stdout } = await start(openapiPythonClient, [
      ...['generate', ...options, '--path', 'inventory.json', '--output-path', 'pipeline_api'],
    ]);
    expect(stdout).not.toMatch(/Unable to process|Attempted to generate|will be omitted/i);
    await copyFile(join(GENERATED, 'openapi_python_client.py'), join(folder, 'flow_a.py'));
    const ended = await start(python, ['flow_a.py', api.url, await result(1)]);
    expect(ended.stdout.trim().split('\n')).toEqual(WHAT_ALL_SAY);
  });

  withTools(
    'by openapi-generator, in Python',
    [openapiGenerator, pythonGenerators],
    async ({ openapiGenerator: generator, python }) => {
      await start(generator, [
        ...['generate', '-g', 'python', '-i', 'inventory.json', '-o', 'generator'],
        ...['--additional-properties', 'packageName=pipeline_client'],
        ...['--global-property', 'models,apis,supportingFiles,modelTests=false,apiTests=false'],
      ]);
      const cwd = join(folder, 'generator');
      await copyFile(join(GENERATED, 'openapi_generator.py'), join(cwd, 'flow.py'));
      const ended = await start(python, ['flow.py', api.url, await result(2)], { cwd });
      expect(ended.stdout.trim().split('\n')).toEqual(WHAT_ALL_SAY);
    },
  );

  withTools('by oapi-codegen, in Go', [go], async ({ oapiCodegen, generated }) => {
    await start(oapiCodegen, ['inventory.json']);
    const ended = await start(generated, [api.url, await result(3)]);
    expect(ended.stdout.trim().split('\n')).toEqual(WHAT_ALL_SAY);
  });
});

describe('the OpenAPI document', () => {
  withTools(
    'agrees with the server, as schemathesis sees it',
    [pythonGenerators],
    async ({ schemathesis }) => {
      await result(4);
      await copyFile(join(GENERATED, 'schemathesis.toml'), join(folder, 'schemathesis.toml'));
      const options = [
        ...['run', 'any.json', '--url', api.url, '--exclude-path', '/v1/events', '--no-color'],
        ...['--phases', 'coverage', '--checks', 'all', '--seed', '1'],
        // A result may be waited for a minute.
        ...['--request-timeout', '75', '--max-response-time', '75'],
      ];
      const { stdout } = await start(schemathesis, options, { withinMs: WITHIN_MS_OF_SCHEMATHESIS });
      expect(stdout).not.toMatch(/FAILURES|ERRORS/);
      expect(stdout).toMatch(/Tested: +(2[0-9]|3[0-9])/);
    },
  );
});
