import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExitReport } from '../../local/supervisor/child.ts';
import { commandOf, type FunctionProcess, type ScriptProcess } from '../../local/supervisor/command.ts';
import { findFreePort, isPortFree } from '../../local/supervisor/free-port.ts';
import { planRestart } from '../../local/supervisor/restart-pause.ts';
import { createSupervisor, type Supervisor } from '../../local/supervisor/supervisor.ts';
import { eventually } from './push-endpoint.ts';

const FUNCTION = `
console.log('loaded on stdout');
console.error('loaded on stderr');
export const hello = (request, response) => {
  if (request.path === '/crash') process.exit(3);
  else response.json({ calls: (globalThis.calls = (globalThis.calls ?? 0) + 1), env: process.env });
};
`;

const SCRIPT = `
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
const [port, mode] = process.argv.slice(2);
if (mode === 'broken') throw new Error('this script is broken');
if (mode === 'threaded') new Worker(new URL('thread.mjs', import.meta.url));
createServer((request, response) => response.writeHead(503).end('busy')).listen(Number(port), '0.0.0.0');
`;

let folder: string;
let supervisor: Supervisor;
const lines: string[] = [];
const exits: ExitReport[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
  await writeFile(join(folder, 'index.mjs'), FUNCTION);
  await writeFile(join(folder, 'script.mjs'), SCRIPT);
  await writeFile(join(folder, 'thread.mjs'), 'setTimeout(() => console.log("the thread is alive"), 200);');
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  await supervisor?.stop();
  lines.length = 0;
  exits.length = 0;
});

const create = (): Supervisor => {
  supervisor = createSupervisor({
    onLog: (name, line) => lines.push(`${name}: ${line}`),
    onExit: (_, report) => exits.push(report),
  });
  return supervisor;
};

const helloFunction = async (): Promise<FunctionProcess> => ({
  kind: 'function',
  name: 'hello',
  source: join(folder, 'index.mjs'),
  target: 'hello',
  port: await findFreePort(),
  env: { GREETING: 'hi' },
});

const busyScript = async (...args: string[]): Promise<ScriptProcess> => {
  const port = await findFreePort();
  const readyUrl = `http://127.0.0.1:${port}/health`;
  return {
    kind: 'script',
    name: 'busy',
    script: join(folder, 'script.mjs'),
    args: [`${port}`, ...args],
    readyUrl,
    env: {},
  };
};

const call = async (port: number, path = '/'): Promise<{ calls: number; env: Record<string, string> }> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<{
    calls: number;
    env: Record<string, string>;
  }>;

const isDown = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );

describe('a managed function', () => {
  it('answers once started, and being asked whether it is up does not run it', async () => {
    const hello = await helloFunction();
    await create().start(hello);
    expect((await call(hello.port)).calls).toBe(1);
    expect(supervisor.memory('hello')).toBeGreaterThan(process.platform === 'linux' ? 10 * 2 ** 20 : -1);
  });

  it('sees the environment it was given and no secrets of the shell', async () => {
    process.env['SECRET_OF_THE_SHELL'] = 'x';
    const hello = await helloFunction();
    await create().start(hello);
    const { env } = await call(hello.port);
    delete process.env['SECRET_OF_THE_SHELL'];
    expect(env).toMatchObject({ GREETING: 'hi', MALLOC_ARENA_MAX: '2' });
    expect(env).not.toHaveProperty('SECRET_OF_THE_SHELL');
  });

  it('has its output forwarded line by line', async () => {
    await create().start(await helloFunction());
    await expect
      .poll(() => lines)
      .toEqual(expect.arrayContaining(['hello: loaded on stdout', 'hello: loaded on stderr']));
  });

  it('is started again after a kill -9', async () => {
    const hello = await helloFunction();
    await create().start(hello);
    const before = supervisor.pid('hello');
    supervisor.kill('hello');
    await expect
      .poll(() => call(hello.port).catch(() => undefined), { timeout: 60_000 })
      .toMatchObject({ calls: 1 });
    expect(supervisor.pid('hello')).not.toBe(before);
    expect(supervisor.restarts('hello')).toBe(1);
    expect(exits).toMatchObject([{ pid: before, signal: 'SIGKILL', crashesInARow: 1, crashLoop: false }]);
    for (const pid of [before, supervisor.pid('hello')])
      expect(lines).toContain(`hello: Process ${pid} was started.`);
  });

  it('is started again after it exits', async () => {
    const hello = await helloFunction();
    await create().start(hello);
    await call(hello.port, '/crash').catch(() => undefined);
    await eventually(() => supervisor.restarts('hello')).toBe(1);
    expect(exits).toMatchObject([{ code: 3, signal: null }]);
    expect(lines).toContain('hello: The process exited with code 3 and is started again in 100 ms.');
  });

  it('answers on 127.0.0.1 and on no other address of the machine', async ({ skip }) => {
    const hello = await helloFunction();
    const busy = await busyScript();
    const ports = [hello.port, Number(new URL(busy.readyUrl).port)];
    await create().start(hello);
    await supervisor.start(busy);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
    if (others.length === 0) skip('this machine has no other address');
    for (const port of ports) {
      expect(await isDown(`http://127.0.0.1:${port}/`)).toBe(false);
      for (const address of [...others, '[::1]'])
        expect(await isDown(`http://${address}:${port}/`)).toBe(true);
    }
  });

  it('is gone after stop, and stays gone', async () => {
    const hello = await helloFunction();
    await create().start(hello);
    await supervisor.stop();
    await expect(isPortFree(hello.port)).resolves.toBe(true);
    expect(exits).toEqual([]);
  });

  it('does not outlive a parent that dies of a kill -9', async () => {
    const hello = await helloFunction();
    const parent = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { createSupervisor } from ${JSON.stringify(new URL('../../local/supervisor/supervisor.ts', import.meta.url).href)};
       await createSupervisor().start(${JSON.stringify(hello)});
       process.stdout.write('started');`,
    ]);
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    await expect(isPortFree(hello.port)).resolves.toBe(false);
    parent.kill('SIGKILL');
    await eventually(() => isPortFree(hello.port)).toBe(true);
  });
});

describe('a managed script', () => {
  it('is up at its first answer, whatever the status', async () => {
    const script = await busyScript();
    await create().start(script);
    expect((await fetch(script.readyUrl)).status).toBe(503);
  });

  it('may have worker threads', async () => {
    await create().start(await busyScript('threaded'));
    await eventually(() => lines).toContain('busy: the thread is alive');
  });

  it('that ends before it answers is reported with its last lines', async () => {
    const script = await busyScript('broken');
    await expect(create().start(script)).rejects.toThrow(
      /busy ended before it answered.*this script is broken/s,
    );
    expect(supervisor.restarts('busy')).toBe(0);
  });

  it('is refused when its port is taken', async () => {
    const script = await busyScript();
    await create().start(script);
    await expect(supervisor.start({ ...script, name: 'second' })).rejects.toThrow(/port \d+ is taken/);
    await expect(supervisor.start(script)).rejects.toThrow('managed already');
  });

  it('that keeps crashing is called a crash loop', async () => {
    const script = await busyScript();
    await create().start(script);
    for (let crash = 1; crash <= 3; crash += 1) {
      supervisor.kill('busy');
      await eventually(() => supervisor.restarts('busy')).toBe(crash);
    }
    expect(exits.map(({ pauseMs, crashLoop }) => [pauseMs, crashLoop])).toEqual([
      [100, false],
      [200, false],
      [400, true],
    ]);
    expect(lines.join('\n')).toContain('3 times in a row');
  });
});

describe('the pause before a restart', () => {
  it.each([
    { crashes: 0, uptimeMs: 50, pauseMs: 100 },
    { crashes: 3, uptimeMs: 50, pauseMs: 800 },
    { crashes: 30, uptimeMs: 50, pauseMs: 5_000 },
    { crashes: 30, uptimeMs: 10_000, pauseMs: 100 },
  ])(
    'is $pauseMs ms after $crashes earlier crashes and $uptimeMs ms of life',
    ({ crashes, uptimeMs, pauseMs }) => {
      expect(planRestart(crashes, uptimeMs).pauseMs).toBe(pauseMs);
    },
  );
});

describe('the command line', () => {
  it('lets the owner of a process overrule what is inherited', async () => {
    const child = { ...(await helloFunction()), env: { TZ: 'UTC', MALLOC_ARENA_MAX: '4' } };
    expect(commandOf(child, { PATH: '/bin', TZ: 'Asia/Tokyo', GEMINI_API_KEY: 'k' }).env).toEqual({
      PATH: '/bin',
      TZ: 'UTC',
      MALLOC_ARENA_MAX: '4',
    });
  });
});
