import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireInstanceLock, InstanceRunningError } from '../../local/instance-lock.ts';

const MODULE = new URL('../../local/instance-lock.ts', import.meta.url).href;

let dir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'instance-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** A process that takes the lock, says so and then lives on. */
const holder = async (address: string): Promise<ChildProcess> => {
  const code = `
    import { acquireInstanceLock } from ${JSON.stringify(MODULE)};
    const lock = await acquireInstanceLock(${JSON.stringify(dir)});
    await lock.announce(${JSON.stringify(address)});
    process.stdout.write('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
};

const killed = (child: ChildProcess): Promise<unknown> => {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return exit;
};

describe('the instance lock', () => {
  it('names the process and the address of the instance that runs already', async () => {
    const first = await holder('http://127.0.0.1:8080');
    const error = await acquireInstanceLock(dir).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(InstanceRunningError);
    expect(error).toMatchObject({ pid: first.pid, address: 'http://127.0.0.1:8080' });
    expect(String(error)).toContain(`process ${first.pid}) is running at http://127.0.0.1:8080`);
  });

  it('is taken over after a kill -9', async () => {
    await killed(await holder('http://127.0.0.1:8080'));
    const lock = await acquireInstanceLock(dir);
    await expect(acquireInstanceLock(dir)).rejects.toThrow(`process ${process.pid})`);
    await lock.release();
  });

  it('is taken over when the dead instance left its pid and port to somebody else', async () => {
    const stranger = createServer((socket) => socket.end('220 mail.example ready'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const address = stranger.address();
    const probePort = typeof address === 'object' ? address?.port : 0;
    await writeFile(join(dir, 'instance-1.lock'), JSON.stringify({ id: 'old', pid: process.pid, probePort }));
    const lock = await acquireInstanceLock(dir);
    await lock.release();
    stranger.close();
  });

  it.each([
    ['nobody has its process id any more', { pid: 2 ** 30 }],
    ['the machine was restarted since', { pid: process.pid, bootId: 'the start before' }],
  ])('is taken over after a power cut, when a silent server got its port and %s', async (_what, left) => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const probePort = typeof address === 'object' ? address?.port : 0;
    await writeFile(join(dir, 'instance-1.lock'), JSON.stringify({ id: 'old', probePort, ...left }));
    const lock = await acquireInstanceLock(dir);
    await lock.release();
    silent.close();
  });

  it('is taken over when a crash left half a file', async () => {
    await writeFile(join(dir, 'instance-1.lock'), '{"id":"ab');
    const lock = await acquireInstanceLock(dir);
    await lock.release();
  });

  it('goes to one of many that find a stale lock together', async () => {
    await killed(await holder('http://127.0.0.1:8080'));
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireInstanceLock(dir)));
    const winners = results.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const result of results) if (result.status === 'fulfilled') await result.value.release();
  });

  it('is free again after its release', async () => {
    const first = await acquireInstanceLock(dir, 'http://127.0.0.1:1234');
    expect(await readFile(join(dir, 'instance-1.lock'), 'utf8')).toContain('http://127.0.0.1:1234');
    await first.release();
    const second = await acquireInstanceLock(dir);
    await second.release();
    expect(await readdir(dir)).toHaveLength(1);
  });
});
