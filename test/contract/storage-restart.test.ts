import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Publish } from '../../local/storage/notifications.ts';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';

const serverModule = new URL('../../local/storage/server.ts', import.meta.url).href;
const notifications = [{ bucket: 'uploads', topic: 'uploads' }];

// The client hangs a dozen listeners on each download over 64 KB, which Node would report as a leak.
EventEmitter.defaultMaxListeners = 20;

let dataDir: string;
let child: ChildProcess | undefined;
let server: StorageServer | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'storage-restart-'));
});

afterEach(async () => {
  await kill();
  await server?.close();
  server = undefined;
  await rm(dataDir, { recursive: true });
});

const bucketAt = (url: string): Bucket =>
  new Storage({ projectId: 'local', apiEndpoint: url, retryOptions: { autoRetry: false } }).bucket('uploads');

/** A server in a process of its own, so that it can die. `publish` is the source of a function. */
async function spawnServer(publish = 'async () => {}'): Promise<string> {
  const script = `
    import { startStorageServer } from ${JSON.stringify(serverModule)};
    const options = ${JSON.stringify({ dataDir, buckets: ['uploads'], notifications })};
    const { url } = await startStorageServer({ ...options, publish: ${publish} });
    process.stdout.write(url + '\\n');`;
  child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('The server process has no output.');
  const [url] = await once(createInterface(child.stdout), 'line');
  return String(url);
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function restart(publish: Publish = async () => {}): Promise<Bucket> {
  await kill();
  await server?.close();
  server = await startStorageServer({ dataDir, buckets: ['uploads'], notifications, publish });
  return bucketAt(server.url);
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('after kill -9', () => {
  it('objects, metadata, generations and deletions are as they were', async () => {
    const before = bucketAt(await spawnServer());
    await before.file('kept').save('old', { resumable: false });
    await before.file('kept').save('new', { resumable: true, metadata: { metadata: { k: 'v' } } });
    await before.file('deleted').save('x', { resumable: false });
    await before.file('deleted').delete();
    const [metadata] = await before.file('kept').getMetadata();
    const after = await restart();
    const { mediaLink: _, selfLink: __, ...kept } = (await after.file('kept').getMetadata())[0];
    expect(metadata).toMatchObject(kept);
    expect((await after.file('kept').download())[0].toString()).toBe('new');
    expect((await after.getFiles())[0].map((file) => file.name)).toEqual(['kept']);
    expect(await filesUnder('contents')).toHaveLength(1);
  });

  it('an upload in parts goes on with the parts it had, and configurations are as they were set', async () => {
    const url = await spawnServer();
    const at = (base: string, query: string) => `${base}/uploads/parts?${query}`;
    const started = await (await fetch(at(url, 'uploads'), { method: 'POST' })).text();
    const id = /<UploadId>(.*)<\/UploadId>/.exec(started)?.[1];
    await fetch(at(url, `partNumber=1&uploadId=${id}`), { method: 'PUT', body: 'hello' });
    await bucketAt(url).setMetadata({ labels: { team: 'stock' } });
    await bucketAt(url).createNotification('projects/local/topics/more');
    const after = await restart();
    const completed = await fetch(at(String(server?.url), `uploadId=${id}`), {
      method: 'POST',
      body: '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
    });
    expect(completed.status).toBe(200);
    expect((await after.file('parts').download())[0].toString()).toBe('hello');
    expect((await after.getMetadata())[0].labels).toEqual({ team: 'stock' });
    expect((await after.getNotifications())[0].map(({ metadata }) => metadata.topic)).toEqual([
      expect.stringMatching(/topics\/uploads$/),
      expect.stringMatching(/topics\/more$/),
    ]);
    expect(await filesUnder('parts')).toEqual([]);
  });

  it('a generation is never given twice, even when its object is gone and the clock was set back', async () => {
    const hourAhead = `(Date.now = () => ${Date.now() + 3_600_000}, async () => {})`;
    const before = bucketAt(await spawnServer(hourAhead));
    await before.file('a').save('x', { resumable: false });
    const [first] = await before.file('a').getMetadata();
    await before.file('a').delete();
    await restart();
    const after = await restart();
    await after.file('a').save('x', { resumable: false });
    const [second] = await after.file('a').getMetadata();
    expect(BigInt(String(second.generation))).toBeGreaterThan(BigInt(String(first.generation)));
  });

  it('an event whose publication did not complete is published again, a completed one is not', async () => {
    const hangsOnSecond = `(topic, { attributes }) => attributes.objectId === 'second' ? new Promise(() => {}) : Promise.resolve()`;
    const before = bucketAt(await spawnServer(hangsOnSecond));
    await before.file('first').save('x', { resumable: false });
    await before.file('second').save('x', { resumable: false });
    const [{ generation }] = await before.file('second').getMetadata();
    const published: Record<string, string>[] = [];
    await restart(async (_, { attributes }) => void published.push(attributes));
    expect(published).toMatchObject([
      { objectId: 'second', objectGeneration: generation, eventType: 'OBJECT_FINALIZE' },
    ]);
    await restart(async (_, { attributes }) => void published.push(attributes));
    expect(published).toHaveLength(1);
  });

  it('every acknowledged upload is whole and no unfinished one shows', async () => {
    for (let round = 0; round < 3; round++) {
      const bucket = bucketAt(await spawnServer());
      const acknowledged = new Map<string, Buffer>();
      const writing = Promise.allSettled(
        Array.from({ length: 6 }, async (_, writer) => {
          for (let i = 0; ; i++) {
            const bytes = randomBytes(200_000);
            const name = `${round}/${writer}/${i}`;
            await bucket.file(name).save(bytes, { resumable: i % 2 === 0, validation: false });
            acknowledged.set(name, bytes);
          }
        }),
      );
      // However slow the machine: some are acknowledged and others under way when the server dies.
      await expect.poll(() => acknowledged.size, { interval: 5, timeout: 30_000 }).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 50 + 70 * round));
      await kill();
      await writing;
      const after = await restart();
      expect(acknowledged.size).toBeGreaterThan(0);
      for (const [name, bytes] of acknowledged) {
        expect((await after.file(name).download())[0].equals(bytes)).toBe(true);
      }
      const [files] = await after.getFiles();
      for (const file of files) expect(file.metadata.size).toBe('200000');
      expect(await filesUnder('contents')).toHaveLength(files.length);
      expect((await filesUnder('parts')).length).toBe((await filesUnder('sessions')).length);
      await server?.close();
      server = undefined;
    }
  });

  it('a resumable upload goes on where it was', async () => {
    const bytes = Buffer.from(randomBytes(600_000));
    const [uri] = await bucketAt(await spawnServer())
      .file('half')
      .createResumableUpload();
    const put = (url: string, body: Buffer<ArrayBuffer> | string, range: string) =>
      fetch(url, { method: 'PUT', body, headers: { 'content-range': range } });
    await put(uri, bytes.subarray(0, 524_288), 'bytes 0-524287/*');
    const after = await restart();
    const moved = `${server?.url}${new URL(uri).pathname}${new URL(uri).search}`;
    expect((await put(moved, '', 'bytes */*')).headers.get('range')).toBe('bytes=0-524287');
    expect((await put(moved, bytes.subarray(524_288), 'bytes 524288-599999/600000')).status).toBe(200);
    expect((await after.file('half').download())[0].equals(bytes)).toBe(true);
  });

  it('a torn last line of the journal is dropped', async () => {
    const before = await restart();
    await before.file('a').save('x', { resumable: false });
    await server?.close();
    server = undefined;
    await appendFile(join(dataDir, 'journal.jsonl'), '{"put":[{"bucket":"uploads","name":"to');
    let after = await restart();
    await after.file('b').save('y', { resumable: false });
    after = await restart();
    expect((await after.getFiles())[0].map((file) => file.name)).toEqual(['a', 'b']);
  });
});

it('a publication that fails is tried again until it succeeds', async () => {
  let attempts = 0;
  const done = Promise.withResolvers<void>();
  const bucket = await restart(async () => {
    attempts += 1;
    if (attempts < 3) throw new Error('The topic is away.');
    done.resolve();
  });
  await bucket.file('a').save('x', { resumable: false });
  await done.promise;
  expect(attempts).toBe(3);
});
