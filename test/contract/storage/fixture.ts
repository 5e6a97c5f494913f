import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiError, type Bucket, type File, Storage } from '@google-cloud/storage';
import { vi } from 'vitest';
import { type StorageServer, startStorageServer } from '../../../local/storage/server.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const origin = 'http://127.0.0.1:4000';

// The client hangs a dozen listeners on each download over 64 KB, which Node would report as a leak.
EventEmitter.defaultMaxListeners = 20;

export let dataDir: string;
export let server: StorageServer;
export let storage: Storage;
export let uploads: Bucket;
export const messages: {
  topic: string;
  attributes: Record<string, string>;
  resource: Record<string, unknown>;
}[] = [];

/** One server and the real client for the facts of all files; signed URLs are verified. */
export async function openFixture(): Promise<void> {
  dataDir = await mkdtemp(join(tmpdir(), 'storage-'));
  server = await startStorageServer({
    dataDir,
    buckets: ['uploads', 'prepared', 'watched'],
    notifications: [
      { bucket: 'watched', topic: 'all-events' },
      {
        bucket: 'watched',
        topic: 'new-photos',
        eventTypes: ['OBJECT_FINALIZE'],
        objectNamePrefix: 'photos/',
      },
    ],
    publish: async (topic, { data, attributes }) => {
      messages.push({ topic, attributes, resource: JSON.parse(data.toString()) });
    },
    corsOrigins: [origin],
    signingKeyPem: privateKey,
  });
  const keyFile = join(dataDir, 'service-account.json');
  const account = { type: 'service_account', client_email: 'local@local.iam.gserviceaccount.com' };
  await writeFile(keyFile, JSON.stringify({ ...account, private_key: privateKey }));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyFile);
  storage = new Storage({
    projectId: 'local',
    apiEndpoint: server.url,
    retryOptions: { autoRetry: false },
  });
  uploads = storage.bucket('uploads');
}

export async function closeFixture(): Promise<void> {
  vi.unstubAllEnvs();
  await server.close();
  await rm(dataDir, { recursive: true });
}

/** HTTP status of a refusal. */
export async function refusal(promise: Promise<unknown>): Promise<number> {
  const error = await promise.then(
    () => undefined,
    (reason: ApiError) => reason,
  );
  return Number(error?.code);
}

export const download = async (file: File): Promise<string> => (await file.download())[0].toString();
