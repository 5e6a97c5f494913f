import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createResize } from '../../functions/resize-image/handler.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type StorageServer, startStorageServer } from '../../local/storage/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { resultId } from '../../shared/results/id.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { Results } from '../../shared/results/results.ts';

let dataDir: string;
let firestore: FirestoreServer;
let server: StorageServer;
let storage: Storage;
let documents: Documents;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'late-'));
  firestore = await startFirestoreServer({});
  server = await startStorageServer({
    dataDir,
    buckets: ['uploads', 'prepared'],
    notifications: [],
    publish: () => Promise.resolve(),
  });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
  vi.stubEnv('STORAGE_EMULATOR_HOST', server.url);
  storage = new Storage({ projectId: 'local', retryOptions: { autoRetry: false } });
  documents = new Documents({ projectId: 'local' });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await documents.close();
  await Promise.all([firestore.close(), server.close()]);
  await rm(dataDir, { recursive: true });
});

const JPEG = Buffer.from('a prepared picture');

/** resize-image of this process; `atWrite` happens between its record and the write of its picture. */
function resizing(atWrite: () => Promise<void>) {
  const buckets = new Buckets({ projectId: 'local' });
  const create: Buckets['create'] = async (...args) => {
    await atWrite();
    return buckets.create(...args);
  };
  return createResize({
    forgetLabel: async () => undefined,
    likenessOf: async () => undefined,
    buckets: {
      read: (...args) => buckets.read(...args),
      exists: (...args) => buckets.exists(...args),
      delete: (...args) => buckets.delete(...args),
      list: (...args) => buckets.list(...args),
      create,
    },
    results: new Results(documents, { maxExecutions: 3, retentionDays: 0 }),
    recovery: new Recovery(documents, { staleMs: 1000 }),
    control: { pauseOf: async () => undefined },
    hasFallback: false,
    normalize: async () => ({
      ...{ bytes: JPEG, width: 8, height: 8, sha256: '0'.repeat(64), reencoded: true },
      source: { format: 'jpeg', width: 8, height: 8 },
    }),
    log: silentLog,
    ...{ uploadsBucket: 'uploads', preparedBucket: 'prepared', deleteWithUpload: true, loopback: false },
    ...{ maxBytes: 1000, maxPixels: 1e6, timeLimitMs: 60_000, leaseMs: 60_000 },
  });
}

type Handle = ReturnType<typeof createResize>;

async function upload(name: string) {
  const file = storage.bucket('uploads').file(name);
  await file.save(Buffer.from('an upload'), { resumable: false });
  const ref = { bucket: 'uploads', name, generation: String(file.metadata.generation) };
  const facts = { bytes: 9, contentType: 'image/jpeg', md5: undefined, createdAt: undefined };
  const tell = (handle: Handle, kind: 'finalized' | 'deleted') =>
    handle(
      { kind, ref, ...facts, metadata: {}, overwritten: false, deliveryAttempt: 1 },
      new AbortController().signal,
    );
  return { file, tell };
}

const prepared = async () => (await storage.bucket('prepared').getFiles())[0].map((file) => file.name);

describe('an upload that is deleted after its picture was recorded and before it is written', () => {
  it('leaves neither result nor picture', async () => {
    const { file, tell } = await upload('late.jpg');
    const deletion = resizing(() => Promise.resolve());
    await tell(
      resizing(async () => {
        await file.delete();
        await tell(deletion, 'deleted');
      }),
      'finalized',
    );
    expect(await prepared()).toEqual([]);
    expect(
      await documents.get(`results/${resultId({ bucket: 'uploads', name: 'late.jpg' })}`),
    ).toBeUndefined();
  });

  it('leaves no picture either when the instance dies right after the write: the next delivery deletes it', async () => {
    const { file, tell } = await upload('dead.jpg');
    const deletion = resizing(() => Promise.resolve());
    // Everything up to the write, which is as far as the dead instance came.
    await tell(deletion, 'finalized');
    expect(await prepared()).toHaveLength(1);
    await file.delete();
    await documents.delete(`results/${resultId({ bucket: 'uploads', name: 'dead.jpg' })}`);
    await tell(deletion, 'finalized');
    expect(await prepared()).toEqual([]);
  });

  it('is no matter of pictures that live', async () => {
    const { tell } = await upload('live.jpg');
    await tell(
      resizing(() => Promise.resolve()),
      'finalized',
    );
    expect(await prepared()).toHaveLength(1);
  });
});
