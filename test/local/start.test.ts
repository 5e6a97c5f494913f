import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEndpoints } from '../../local/endpoints.ts';
import { gcloudUpload } from '../../shared/cloud/storage/gcloud.ts';
import { idOf, picture } from '../support/pipeline.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
/** Away from the default ports, so that a person's own `npm start` is not disturbed. */
const PORT = 28_080 + Math.floor(Math.random() * 500) * 10;

let dataDir: string;
let running: ChildProcess[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'start-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  await new Promise((resolve) => setTimeout(resolve, 300));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

/** Resolves with what it printed when it is up. */
function start(env: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; greeting: string }> {
  const child = spawn(process.execPath, [MAIN, '--port', String(PORT), '--data', dataDir], {
    env: { ...withoutKey(), ...env },
  });
  running.push(child);
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (data: Buffer) => {
      printed += data;
      if (printed.includes('Stop with Ctrl-C')) resolve({ child, greeting: printed });
    });
    child.stderr?.on('data', (data: Buffer) => {
      printed += data;
    });
    child.once('exit', () => reject(new Error(`ended: ${printed}`)));
  });
}

const SETTINGS = { MAX_BYTES: '5000', DAILY_BUDGET_USD: '2' };

function withoutKey(): NodeJS.ProcessEnv {
  const { GEMINI_API_KEY: _, ...env } = process.env;
  return env;
}

async function clients() {
  const endpoints = await readEndpoints(dataDir);
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
    const child = spawn(process.execPath, [MAIN, '--port', String(PORT), '--data', dataDir], {
      env: withoutKey(),
    });
    running.push(child);
    const said = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (d) => resolve(String(d))),
    );
    const spokeAfterMs = performance.now() - begunAt;
    expect(said).toContain(`gemini-image-pipeline is starting, with its data in ${dataDir}`);
    // The start of Node itself is the machine's affair: beside others it takes long, and so does the yardstick.
    const bare = performance.now();
    await new Promise((resolve) => spawn(process.execPath, ['--eval', '']).once('exit', resolve));
    expect(spokeAfterMs).toBeLessThan(1_000 + 5 * (performance.now() - bare));
  });

  it('prints the page, which model answers and the commands to type, and listens on this machine only', async () => {
    const { greeting } = await start();
    expect(greeting).toContain(`http://127.0.0.1:${PORT}`);
    expect(greeting).toContain('the local reader');
    expect(greeting).toContain(gcloudUpload('uploads', 'inventory', `http://127.0.0.1:${PORT + 1}`));
    const page = await fetch(`http://127.0.0.1:${PORT}/`);
    expect(page.status).toBe(200);
  });

  it('hands the functions what the shell has set and greets with it, says that a fallback stands by, lets in the keys it is told, and has a log for every process, the page among them', async () => {
    const { greeting } = await start({ FALLBACK: 'local-reader', SIMULATOR_KEYS: 'mine', ...SETTINGS });
    expect(greeting).toMatch(/Fallback +the local reader/);
    const withKey = async (key: string) =>
      (await fetch(`${(await readEndpoints(dataDir))?.gemini}/v1beta/models?key=${key}`)).status;
    expect([await withKey('mine'), await withKey('other')]).toEqual([200, 400]);
    // Its variables are those of the functions too.
    expect(greeting).toContain('MAX_BYTES=5000 (by default 50000000)');
    expect(greeting).toContain('DAILY_BUDGET_USD=2 (by default 10)');
    const sent = new FormData();
    sent.set('file', new Blob([Buffer.alloc(6_000)], { type: 'image/jpeg' }), 'a.jpg');
    const refused = await fetch(`http://127.0.0.1:${PORT}/v1/images`, { method: 'POST', body: sent });
    expect([refused.status, (await refused.json()) as unknown]).toMatchObject([
      413,
      { code: 'TOO_MANY_BYTES' },
    ]);
    for (const name of ['api', 'resize-image', 'analyze-image', 'local-reader']) {
      expect(await readFile(join(dataDir, 'logs', `${name}.log`), 'utf8')).toMatch(
        /^Process \d+ was started\.$/m,
      );
    }
  });

  it('does not start with a variable under a name that nothing reads, and says which is meant', async () => {
    const stderr = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        [MAIN, '--port', String(PORT), '--data', dataDir],
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
    const args = [MAIN, '--port', String(PORT), '--data', folder];
    const stderr = await new Promise<string>((resolve) =>
      execFile(process.execPath, args, (_error, _out, said) => resolve(said)),
    );
    expect(stderr).toMatch(
      /^The data folder cannot be used: .+\. Name another with npm start -- --data FOLDER\n$/,
    );
  });

  it('ends when npm is told to, which tells only the shell between them', async () => {
    const npm = spawn('npm', ['start', '--', '--port', String(PORT), '--data', dataDir], {
      env: withoutKey(),
      stdio: 'ignore',
    });
    running.push(npm);
    const answers = () =>
      fetch(`http://127.0.0.1:${PORT}/`).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 50_000, interval: 200 }).toBe(true);
    npm.kill('SIGTERM');
    await expect.poll(answers, { timeout: 30_000, interval: 200 }).toBe(false);
  });

  it('beside one that runs says where that one is, and ends', async () => {
    const { child } = await start();
    await expect(start()).rejects.toThrow(`process ${child.pid}) is running at http://127.0.0.1:${PORT}`);
  });

  it('on a port in use says which, and how to choose others', async () => {
    await start();
    const other = await mkdtemp(join(tmpdir(), 'start-'));
    const ended = new Promise<string>((resolve) =>
      execFile(process.execPath, [MAIN, '--port', String(PORT), '--data', other], (_error, _out, stderr) =>
        resolve(stderr),
      ),
    );
    expect(await ended).toMatch(new RegExp(`Port ${PORT}.* in use.*npm start -- --port`));
    await rm(other, { recursive: true, force: true });
  });

  it('again after a kill -9 of everything has all that was accepted, and goes on with what was under way', async () => {
    const first = await start();
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
    await start();
    const after = await clients();
    // A function that was killed in the middle keeps its lease for a minute (test/pipeline/crashes.test.ts waits for
    // that); here every image must be known or taken up again, and none may have failed.
    const statusOf = async (i: number) =>
      (await after.firestore.doc(`results/${idOf(`kept/${i}.jpg`)}`).get()).data()?.['status'] as
        | string
        | undefined;
    const statuses = () => Promise.all(Array.from({ length: 8 }, (_, i) => statusOf(i)));
    await expect
      .poll(async () => (await statuses()).filter(Boolean), { timeout: 30_000, interval: 200 })
      .toHaveLength(8);
    await expect.poll(async () => (await statuses()).includes('completed'), { timeout: 30_000 }).toBe(true);
    expect((await statuses()).filter((status) => status === 'failed' || status === 'refused')).toEqual([]);
    const [files] = await after.storage.bucket('uploads').getFiles();
    expect(files).toHaveLength(8);
    await after.firestore.terminate();
  });
});
