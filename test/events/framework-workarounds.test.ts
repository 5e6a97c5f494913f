import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../local/supervisor/free-port.ts';

// Each of these facts is the reason for a workaround. When one fails, delete the workaround that it names, and the test.

const require = createRequire(import.meta.url);
const FRAMEWORK = dirname(require.resolve('@google-cloud/functions-framework'));

/** Notes where the server listens; every answer says what the framework has done before it called. */
const FUNCTION = `
  import { Server } from 'node:net';
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (...args) {
    this.once('listening', () => console.log('address', this.address().address));
    return listen.apply(this, args);
  };
  process.once('SIGTERM', () => setTimeout(() => console.log('last words'), 100));
  export const bare = (request, response) =>
    response.json({ bodyBytes: request.rawBody?.length ?? 0, hasDomain: Boolean(process.domain) });
`;

let folder: string;
let child: ChildProcess;
let lines: Interface;
const printed: string[] = [];
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bare-framework-'));
  const source = join(folder, 'function.mjs');
  await writeFile(source, FUNCTION);
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}/`;
  const args = [join(FRAMEWORK, 'main.js'), `--source=${source}`, '--target=bare', `--port=${port}`];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => printed.push(line));
  while (!(await fetch(url).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 20));
});
afterAll(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const called = async () => {
  const headers = { 'content-type': 'image/jpeg' };
  const response = await fetch(url, { method: 'POST', headers, body: Buffer.alloc(1000) });
  return (await response.json()) as { bodyBytes: number; hasDomain: boolean };
};

describe('the functions framework alone', () => {
  it('reads a body of any type into memory before the function sees it (shared/base/framework/unread-bodies.ts)', async () => {
    expect((await called()).bodyBytes).toBe(1000);
  });

  it('calls an HTTP function in a domain (shared/base/framework/no-domains.ts)', async () => {
    expect((await called()).hasDomain).toBe(true);
  });

  it('listens on all addresses, whatever is asked for (local/supervisor/loopback-only.ts)', async () => {
    await called();
    await expect.poll(() => printed).toContainEqual(expect.stringMatching(/^address (::|0\.0\.0\.0)$/));
  });

  it('offers no way to start a function of its registry in a bundle (build/bundle.ts)', () => {
    const offered = Object.keys(require('@google-cloud/functions-framework') as object);
    expect(offered.filter((name) => /server|registered/i.test(name))).toEqual([]);
  });

  it('ends on SIGTERM before anything that takes time (shared/base/framework/last-words.ts)', async () => {
    const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
    child.kill('SIGTERM');
    await ended;
    expect(printed).not.toContain('last words');
  });
});

it('V8 leaves buffers out of the limit of its heap unless asked (shared/base/framework/external-memory.ts)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--v8-options'], { maxBuffer: 4 << 20 });
  expect(stdout).toMatch(/--external-memory-accounted-in-global-limit[^\n]*\n[^\n]*default: --no/);
});
