import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '../../local/supervisor/free-port.ts';

const FRAMEWORK = dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework'));
const LAST_WORDS = new URL('../../shared/base/framework/last-words.ts', import.meta.url).href;
const LOOPBACK = new URL('../../local/supervisor/loopback-only.ts', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'last-words-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a function that is asked to end finishes what it still has to write', async () => {
  const source = join(folder, 'function.mjs');
  await writeFile(
    source,
    `import { beforeTheEnd } from '${LAST_WORDS}';
    beforeTheEnd(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log('written');
    });
    export const one = (request, response) => response.end();`,
  );
  const port = await findFreePort();
  const child = spawn(
    process.execPath,
    [
      '--import',
      LOOPBACK,
      join(FRAMEWORK, 'main.js'),
      `--source=${source}`,
      '--target=one',
      `--port=${port}`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const output = text(child.stdout);
  const ended = once(child, 'exit');
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(await output).toContain('written');
});
