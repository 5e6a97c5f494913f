import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, type Firestore as FirestoreClient } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import sharp from 'sharp';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/cloud.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { PROJECT, UPLOADS_BUCKET } from '../../local/topology.ts';
import { resultId } from '../../shared/results/id.ts';

/** A stored result as any reader of Firestore sees it. */
export type Stored = Record<string, never> & { status: string } & Record<string, unknown>;

export const ENDED = ['completed', 'failed', 'refused', 'parked'];

/** A sure answer in the form of the profile `describe`. */
export const DESCRIPTION = {
  caption: 'A plain area of color.',
  tags: ['color'],
  visibleText: '',
  confidence: 0.9,
};

/** The whole local cloud with real function processes and a programmable model in this process. */
export interface Pipeline {
  cloud: LocalCloud;
  model: GeminiSimulator;
  storage: Storage;
  firestore: FirestoreClient;
  dataDir: string;
  /** Stores the bytes; resolves with the generation. */
  upload(name: string, bytes: Buffer, metadata?: Record<string, string>): Promise<string>;
  /** The document of an upload, or undefined. */
  result(name: string): Promise<Record<string, unknown> | undefined>;
  /** Waits until the document satisfies the condition (by default: has ended); throws with the last one seen. */
  settled(
    name: string,
    condition?: (document: Record<string, unknown>) => boolean,
    withinMs?: number,
  ): Promise<Record<string, unknown>>;
  /** Delivers a notification as Cloud Storage would, again or out of order. */
  notify(name: string, generation: string, bytes: number): Promise<void>;
  modelCalls(): number;
  close(): Promise<void>;
}

/** A wait ends with what it waits for; only a failure takes so long, also on a busy machine. */
const PATIENCE_MS = 100_000;

/**
 * On a busy machine no call may be given up, nor an event delivered a second time: it would be paid twice. What failed is
 * repeated at once. Milliseconds.
 */
const TIMES = { ackDeadlineMs: 60_000, minBackoffMs: 100, maxBackoffMs: 800 };
const ENV = {
  FUNCTION_TIMEOUT_MS: '50000',
  LEASE_MS: '55000',
  RESIZE_TIME_LIMIT_MS: '40000',
  MODEL_OVERALL_MS: '40000',
  MODEL_ATTEMPT_MS: '20000',
  MODEL_BACKOFF_MS: '20',
  MAX_EXECUTIONS: '50',
};

/**
 * So that a test of what is lost, or stands still, need not wait a minute for a lease. Milliseconds. A process that was
 * killed takes a busy machine long to start again: what is delivered to nobody meanwhile must not become a dead letter.
 */
export const SHORT_LEASES = {
  times: { ...TIMES, ackDeadlineMs: 6_000, maxDeliveryAttempts: 100 },
  env: {
    FUNCTION_TIMEOUT_MS: '3000',
    LEASE_MS: '3500',
    RESIZE_TIME_LIMIT_MS: '2500',
    MODEL_OVERALL_MS: '2800',
    MODEL_ATTEMPT_MS: '2000',
  },
};

export async function startPipeline(options: Partial<LocalCloudOptions> = {}): Promise<Pipeline> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pipeline-')));
  const model = await startGeminiSimulator();
  answerAlways(model, DESCRIPTION);
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['resize-image', 'analyze-image'],
    times: TIMES,
    model: { kind: 'running', url: model.url },
    ...options,
    env: { ...ENV, ...options.env },
  });
  const storage = new Storage({
    projectId: PROJECT,
    apiEndpoint: cloud.storage.url,
    useAuthWithCustomEndpoint: false,
  });
  const firestore = firestoreOf(cloud);
  const result = async (name: string) => (await firestore.doc(`results/${idOf(name)}`).get()).data();
  return {
    cloud,
    model,
    storage,
    firestore,
    dataDir,
    upload: async (name, bytes, metadata = {}) => {
      const file = storage.bucket(UPLOADS_BUCKET).file(name);
      await file.save(bytes, { resumable: false, metadata: { metadata } });
      return String(file.metadata.generation);
    },
    result,
    settled: (
      name,
      condition = (document) => ENDED.includes(String(document['status'])),
      withinMs = PATIENCE_MS,
    ) => untilResult(() => result(name), condition, withinMs),
    notify: async (name, generation, bytes) => {
      await cloud.pubsub.publish('uploads', notification(name, generation, bytes));
    },
    modelCalls: () => model.calls().filter((call) => call.action === 'generateContent').length,
    close: async () => {
      await firestore.terminate();
      await cloud.close();
      await model.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export const idOf = (name: string): string => resultId({ bucket: UPLOADS_BUCKET, name });

/** Programs the model to give this answer from now on. */
export const answerAlways = (
  model: GeminiSimulator,
  json: Record<string, string | number | string[]>,
): void => model.behave({ script: [{ json, times: 1_000_000 }] });

/** A client of this cloud alone: several clouds may run in one test process. */
export function firestoreOf(cloud: LocalCloud): FirestoreClient {
  const [host, port] = cloud.firestore.host.split(':');
  return new Firestore({
    projectId: PROJECT,
    host: host ?? '',
    port: Number(port),
    ssl: false,
    customHeaders: { Authorization: 'Bearer owner' },
  });
}

/** A small JPEG whose bytes depend on the seed. */
export const picture = (seed = 1, width = 320, height = 240): Promise<Buffer> =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: { r: (seed * 53) % 256, g: (seed * 101) % 256, b: (seed * 7) % 256 },
    },
  })
    .jpeg()
    .toBuffer();

function notification(
  name: string,
  generation: string,
  bytes: number,
): { data: Buffer; attributes: Record<string, string> } {
  const resource = {
    bucket: UPLOADS_BUCKET,
    name,
    generation,
    size: String(bytes),
    timeCreated: new Date().toISOString(),
  };
  return {
    data: Buffer.from(JSON.stringify(resource)),
    attributes: {
      eventType: 'OBJECT_FINALIZE',
      bucketId: UPLOADS_BUCKET,
      objectId: name,
      objectGeneration: generation,
    },
  };
}

async function untilResult(
  read: () => Promise<Record<string, unknown> | undefined>,
  condition: (document: Record<string, unknown>) => boolean,
  withinMs: number,
): Promise<Record<string, unknown>> {
  const endsAt = Date.now() + withinMs;
  for (;;) {
    const document = await read().catch(() => undefined);
    if (document && condition(document)) return document;
    if (Date.now() > endsAt)
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(document)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
