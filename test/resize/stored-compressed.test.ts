import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { ObjectRef } from '../../shared/cloud/storage/object.ts';
import { picture } from '../support/pipeline.ts';

let dataDir: string;
let server: StorageServer;
let storage: Storage;
let buckets: Buckets;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'compressed-'));
  server = await startStorageServer({
    dataDir,
    buckets: ['uploads'],
    notifications: [],
    publish: () => Promise.resolve(),
  });
  vi.stubEnv('STORAGE_EMULATOR_HOST', server.url);
  storage = new Storage({ projectId: 'local', retryOptions: { autoRetry: false } });
  buckets = new Buckets({ projectId: 'local' });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(dataDir, { recursive: true });
});

const MAX_BYTES = 5_000_000;

/** Stores bytes that are compressed already under the encoding that the uploader names. */
async function store(name: string, bytes: Buffer, contentEncoding: string): Promise<ObjectRef> {
  const file = storage.bucket('uploads').file(name);
  await file.save(bytes, { resumable: false, metadata: { contentType: 'image/jpeg', contentEncoding } });
  return { bucket: 'uploads', name, generation: String(file.metadata.generation) };
}

const read = (ref: ObjectRef, maxBytes = MAX_BYTES) => buckets.read(ref, { maxBytes });

describe('an upload that is stored with gzip encoding', () => {
  it('is read as the picture that it is, as the option `gzip` of the clients stores it', async () => {
    const jpeg = await picture(3);
    const file = storage.bucket('uploads').file('gz.jpg');
    await file.save(jpeg, { gzip: true, resumable: false, metadata: { contentType: 'image/jpeg' } });
    expect((await file.getMetadata())[0]).toMatchObject({ contentEncoding: 'gzip' });
    const ref = { bucket: 'uploads', name: 'gz.jpg', generation: String(file.metadata.generation) };
    expect((await read(ref)).equals(jpeg)).toBe(true);
  });

  it('is left alone where it was never compressed, whatever it says of itself', async () => {
    const jpeg = await picture(4);
    expect((await read(await store('plain.jpg', jpeg, 'gzip'))).equals(jpeg)).toBe(true);
    expect((await read(await store('odd.jpg', jpeg, 'utf-8'))).equals(jpeg)).toBe(true);
  });

  it('is still an archive where nobody said that it is an encoding', async () => {
    const archive = gzipSync(await picture(5));
    expect((await read(await store('archive.jpg', archive, ''))).equals(archive)).toBe(true);
  });

  it('is refused when it inflates beyond the bound on bytes, however small it is stored', async () => {
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, i) => String(i * i)).join(' '));
    const ref = await store('large.jpg', gzipSync(noise), 'gzip');
    await expect(read(ref, noise.length - 1)).rejects.toMatchObject({
      code: 'TOO_MANY_BYTES',
      message: expect.stringContaining('once its gzip encoding is undone') as string,
    });
    expect(await read(ref, noise.length)).toHaveLength(noise.length);
  });

  it('is refused when it inflates out of all proportion', async () => {
    const ref = await store('bomb.jpg', gzipSync(Buffer.alloc(4_000_000)), 'gzip');
    await expect(read(ref)).rejects.toMatchObject({
      code: 'TOO_MANY_BYTES',
      message: expect.stringContaining('more than 200 times larger') as string,
    });
  });

  it('is refused when the encoding is cut off or damaged', async () => {
    const whole = gzipSync(await picture(6));
    const damaged = Buffer.from(whole);
    damaged.writeUInt32LE(1, damaged.length - 8);
    for (const bytes of [whole.subarray(0, -9), damaged])
      await expect(read(await store('cut.jpg', bytes, 'gzip'))).rejects.toMatchObject({
        code: 'CORRUPT_IMAGE',
      });
  });

  it('is not taken when it is not what was stored, by its CRC32C', async () => {
    const stored = gzipSync(await picture(7));
    const ref = await store('flipped.jpg', stored, 'gzip');
    for (const path of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      if (!path.isFile()) continue;
      const file = join(path.parentPath, path.name);
      const bytes = await readFile(file);
      if (!bytes.equals(stored)) continue;
      // The time of the gzip header: inflating alone would not notice.
      bytes[4] = (bytes[4] ?? 0) ^ 1;
      await writeFile(file, bytes);
    }
    const impatient = new Buckets({ projectId: 'local', overallMs: 1_000 });
    await expect(impatient.read(ref, { maxBytes: MAX_BYTES })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});
