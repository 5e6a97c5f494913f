import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEndpoints } from '../../local/endpoints.ts';
import { idOf, picture } from '../support/pipeline.ts';
import { MAIN, Machine, withoutKey } from './npm-start.ts';

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(() => machine.end());

async function clients() {
  const endpoints = await readEndpoints(machine.dataDir);
  if (!endpoints) throw new Error('no endpoints written');
  const [host = '', port = ''] = endpoints.firestore.split(':');
  return {
    storage: new Storage({
      projectId: 'local',
      apiEndpoint: endpoints.storage,
      useAuthWithCustomEndpoint: false,
    }),
    firestore: new Firestore({
      projectId: 'local',
      host,
      port: Number(port),
      ssl: false,
      customHeaders: { Authorization: 'Bearer owner' },
    }),
  };
}

describe('npm start', () => {
  it('says within a second what it is doing, and where', async () => {
    const begunAt = performance.now();
    const child = machine.add(spawn(process.execPath, machine.args, { env: withoutKey() }));
    const said = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (d) => resolve(String(d))),
    );
    const spokeAfterMs = performance.now() - begunAt;
    expect(said).toContain(`gemini-image-pipeline is starting, with its data in ${machine.dataDir}`);
    // The start of Node itself is the machine's affair: beside others it takes long, and so does the yardstick.
    const bare = performance.now();
    await new Promise((resolve) => spawn(process.execPath, ['--eval', '']).once('exit', resolve));
    expect(spokeAfterMs).toBeLessThan(1_000 + 5 * (performance.now() - bare));
  });

  it('does not start with a variable under a name that nothing reads, and says which is meant', async () => {
    const stderr = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        machine.args,
        { env: { ...withoutKey(), DAILY_BUDGET: '2', MAX_BYTES: 'many' } },
        (_error, _out, said) => resolve(said),
      ),
    );
    expect(stderr).toContain('Nothing reads DAILY_BUDGET; DAILY_BUDGET_USD may be meant.');
    expect(stderr).toContain('MAX_BYTES: expected a whole number of bytes');
  });

  it('--help says how it is used and starts nothing', async () => {
    const { error, stdout } = await new Promise<{ error: unknown; stdout: string }>((resolve) =>
      execFile(process.execPath, [MAIN, '--help'], (failed, out) => resolve({ error: failed, stdout: out })),
    );
    expect(error).toBeNull();
    expect(stdout).toMatch(/^Usage: npm start/);
  });

  it.each([
    ['a folder in which none can be made', '/proc/nope'],
    ['a file', join(MAIN, 'data')],
  ])('ends at once when its data would be in %s, and says what to do', async (_where, folder) => {
    const args = [MAIN, '--port', String(machine.port), '--data', folder];
    const stderr = await new Promise<string>((resolve) =>
      execFile(process.execPath, args, (_error, _out, said) => resolve(said)),
    );
    expect(stderr).toMatch(
      /^The data folder cannot be used: .+\. Name another with npm start -- --data FOLDER\n$/,
    );
  });

  it('complains of nothing, and ends when npm is told to, which tells only the shell between them', async () => {
    const args = ['start', '--', ...machine.args.slice(1)];
    const env = { ...withoutKey(), METADATA_SERVER_DETECTION: undefined };
    const npm = machine.add(spawn('npm', args, { env, stdio: ['ignore', 'ignore', 'pipe'] }));
    let complaints = '';
    npm.stderr?.on('data', (data) => (complaints += String(data)));
    const answers = () =>
      fetch(`http://127.0.0.1:${machine.port}/`).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 150_000, interval: 200 }).toBe(true);
    npm.kill('SIGTERM');
    await expect.poll(answers, { timeout: 120_000, interval: 200 }).toBe(false);
    expect(complaints).toBe('');
  });

  it('again after a kill -9 of everything has all that was accepted, and goes on with what was under way', async () => {
    const first = await machine.start();
    const before = await clients();
    for (let i = 0; i < 8; i += 1) {
      await before.storage
        .bucket('uploads')
        .file(`kept/${i}.jpg`)
        .save(await picture(i, 1600, 1200), { resumable: false });
    }
    process.kill(first.child.pid ?? 0, 'SIGKILL');
    await before.firestore.terminate();

    await new Promise((resolve) => setTimeout(resolve, 500));
    await machine.start();
    const after = await clients();
    // A function that was killed in the middle keeps its lease for a minute (test/pipeline/crashes.test.ts waits for
    // that); here every image must be known or taken up again, and none may have failed.
    const statusOf = async (i: number) =>
      (await after.firestore.doc(`results/${idOf(`kept/${i}.jpg`)}`).get()).data()?.['status'] as
        | string
        | undefined;
    const statuses = () => Promise.all(Array.from({ length: 8 }, (_, i) => statusOf(i)));
    await expect
      .poll(async () => (await statuses()).filter(Boolean), { timeout: 120_000, interval: 200 })
      .toHaveLength(8);
    await expect.poll(async () => (await statuses()).includes('completed'), { timeout: 120_000 }).toBe(true);
    expect((await statuses()).filter((status) => status === 'failed' || status === 'refused')).toEqual([]);
    const [files] = await after.storage.bucket('uploads').getFiles();
    expect(files).toHaveLength(8);
    await after.firestore.terminate();
  });
});
