import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureServiceAccount, writeServiceAccount } from './credentials/service-account.ts';
import { startTokenServer } from './credentials/token-server.ts';
import { deployedIndexes } from './deployed-indexes.ts';
import { type FirestoreServer, startFirestoreServer } from './firestore/server.ts';
import { fallbackVariables, type ModelEndpoint, modelVariables } from './model-endpoint.ts';
import type { PubSubMessage } from './pubsub/message.ts';
import { type PubSubServer, startPubSubServer } from './pubsub/server.ts';
import { startSchedule } from './schedule.ts';
import { type StorageServer, startStorageServer } from './storage/server.ts';
import { findFreePort } from './supervisor/free-port.ts';
import { createSupervisor, type Supervisor } from './supervisor/supervisor.ts';
import {
  BATCHES_EVERY_MS,
  BATCHES_TOPIC,
  DELIVERY_TIMES,
  type DeliveryTimes,
  EXPIRING,
  FUNCTION_NAMES,
  type FunctionName,
  NOTIFICATIONS,
  PREPARED_BUCKET,
  PROJECT,
  SWEEP_EVERY_MS,
  subscriptions,
  TOPICS,
  UPLOADS_BUCKET,
  WEBHOOKS_EVERY_MS,
  WEBHOOKS_TOPIC,
} from './topology.ts';
import { ensureWebhookSecret } from './webhook-secret.ts';

/** A fixed port; 0 or absent takes any that is free. */
export type Ports = Partial<
  Record<'storage' | 'firestore' | 'pubsub' | 'gemini' | 'tokens' | FunctionName, number>
>;

export interface LocalCloudOptions {
  /** Where everything is kept; one cloud at a time. */
  dataDir: string;
  ports?: Ports;
  model?: ModelEndpoint;
  /** `local-reader` starts a reader that answers while the model cannot. */
  fallback?: 'none' | 'local-reader';
  /** Functions to run; all unless stated. */
  functions?: readonly FunctionName[];
  /** Files to run instead of functions/<name>/index.ts: what the build made of them. */
  sources?: Readonly<Partial<Record<FunctionName, string>>>;
  /** Variables on top of the standard ones, for every function or for one. */
  env?: Readonly<Record<string, string>>;
  functionEnv?: Readonly<Partial<Record<FunctionName, Record<string, string>>>>;
  times?: Partial<DeliveryTimes>;
  /** How often the sweep is called, in milliseconds; 0 leaves it to the caller. */
  sweepEveryMs?: number;
  /** The same of batch. */
  batchEveryMs?: number;
  /** Returns false for a notification that is to get lost on its way from the bucket to its topic. */
  keepNotification?: (topic: string, message: PubSubMessage) => boolean;
  webDir?: string;
  /** Lines that the functions write. */
  onLog?: (name: string, line: string) => void;
}

export interface LocalCloud {
  storage: StorageServer;
  firestore: FirestoreServer;
  pubsub: PubSubServer;
  supervisor: Supervisor;
  /** Base URL of the model; undefined when Google answers. */
  modelUrl: string | undefined;
  url(name: FunctionName): string;
  /** What a client process needs in its environment to reach this cloud. */
  clientEnv: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const functionSource = (name: string): string =>
  fileURLToPath(new URL(`../functions/${name}/index.ts`, import.meta.url));
/** Counting costs nothing here, and people who upload a picture look at the counts at once. Milliseconds. */
const LOCAL_FIGURES_MS = '2000';

/**
 * As in `terraform/modules/pipeline/environment.tf`: thousands of answers pass through batch, and what is left of them is
 * collected early. Twice the processor's time in the collector, half the memory.
 */
const SMALL_HEAP = '--max-old-space-size=160 --max-semi-space-size=4';
/** A batch that somebody tries here is begun soon, and looked at often. */
const LOCAL_BATCH = { BATCH_COLLECT_MS: '10000', BATCH_POLL_MS: '2000', NODE_OPTIONS: SMALL_HEAP };

/**
 * The whole pipeline on one machine: Storage, Firestore and Pub/Sub in this process, each function and the simulator in
 * its own. Nothing listens beyond 127.0.0.1, and what was accepted survives a kill -9 of everything.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { dataDir, functions = FUNCTION_NAMES } = options;
  await mkdir(dataDir, { recursive: true });
  const accountPath = join(dataDir, 'service-account.json');
  const account = await ensureServiceAccount(accountPath);
  const ports = await functionPorts(options.ports ?? {});
  const supervisor = createSupervisor({ ...(options.onLog ? { onLog: options.onLog } : {}) });

  const firestore = await startFirestoreServer({
    port: options.ports?.firestore ?? 0,
    dataDir: join(dataDir, 'firestore'),
    indexes: await deployedIndexes(),
    ttlFields: EXPIRING.map((collectionGroup) => ({ collectionGroup, field: 'expireAt' })),
  });
  const pubsub = await startPubSubServer({
    port: options.ports?.pubsub ?? 0,
    dataDir: join(dataDir, 'pubsub'),
    topics: TOPICS,
    subscriptions: subscriptions(ports, { ...DELIVERY_TIMES, ...options.times }),
  });
  const storage = await startStorageServer({
    port: options.ports?.storage ?? 0,
    dataDir: join(dataDir, 'storage'),
    buckets: [UPLOADS_BUCKET, PREPARED_BUCKET],
    notifications: NOTIFICATIONS,
    publish: async (topic, message) => {
      if (options.keepNotification?.(topic, message) ?? true) await pubsub.publish(topic, message);
    },
    project: PROJECT,
    topicExists: async (topic) => (await fetch(`${pubsub.url}/v1/projects/${PROJECT}/topics/${topic}`)).ok,
    signingKeyPem: account.privateKey,
  });

  const tokens = await startTokenServer(account, options.ports?.tokens ?? 0);
  await writeServiceAccount(accountPath, account, tokens.tokenUri);

  const clientEnv = {
    STORAGE_EMULATOR_HOST: storage.url,
    FIRESTORE_EMULATOR_HOST: firestore.host,
    PUBSUB_EMULATOR_HOST: pubsub.url.replace('http://', ''),
    METADATA_SERVER_DETECTION: 'none',
    GOOGLE_CLOUD_PROJECT: PROJECT,
    GOOGLE_APPLICATION_CREDENTIALS: accountPath,
    UPLOADS_BUCKET,
    PREPARED_BUCKET,
  };

  const model = options.model ?? { kind: 'simulator', reader: 'local' };
  const modelEnv = await modelVariables(model, supervisor, storage.url, options.ports?.gemini ?? 0);
  const fallbackEnv = await fallbackVariables(options.fallback ?? 'none', supervisor);
  const webhookEnv = functions.includes('webhook')
    ? { WEBHOOKS_TOPIC, WEBHOOK_SECRET: await ensureWebhookSecret(dataDir) }
    : {};
  await Promise.all(
    functions.map((name) =>
      supervisor.start({
        kind: 'function',
        name,
        source: options.sources?.[name] ?? functionSource(name),
        target: name,
        port: ports[name],
        env: {
          ...clientEnv,
          WEBHOOK_LOOPBACK: 'true',
          ...(name === 'analyze-image' || name === 'batch' ? modelEnv : {}),
          ...(name === 'analyze-image' && functions.includes('batch') ? { BATCHES_TOPIC } : {}),
          ...(name === 'batch' ? LOCAL_BATCH : {}),
          ...(name === 'analyze-image' || name === 'resize-image' ? fallbackEnv : {}),
          ...(name === 'api' ? { FIGURES_CACHE_MS: LOCAL_FIGURES_MS } : webhookEnv),
          ...(name === 'api' ? { ANSWERED_BY: model.kind === 'google' ? 'gemini' : 'local-reader' } : {}),
          ...(options.webDir === undefined ? {} : { WEB_DIR: options.webDir }),
          ...options.env,
          ...options.functionEnv?.[name],
        },
      }),
    ),
  );

  const sweepEveryMs = options.sweepEveryMs ?? SWEEP_EVERY_MS;
  const schedule = (name: FunctionName, everyMs: number) =>
    functions.includes(name) && everyMs > 0
      ? startSchedule(`http://127.0.0.1:${ports[name]}/`, everyMs)
      : () => {};
  const stopSchedules = [
    schedule('sweep', sweepEveryMs),
    schedule('webhook', WEBHOOKS_EVERY_MS),
    schedule('batch', options.batchEveryMs ?? BATCHES_EVERY_MS),
  ];

  return {
    storage,
    firestore,
    pubsub,
    supervisor,
    modelUrl: modelEnv['GEMINI_BASE_URL'],
    url: (name) => `http://127.0.0.1:${ports[name]}`,
    clientEnv,
    close: async () => {
      for (const stop of stopSchedules) stop();
      await pubsub.close();
      await supervisor.stop();
      await Promise.all([storage.close(), firestore.close(), tokens.close()]);
    },
  };
}

async function functionPorts(wanted: Ports): Promise<Record<FunctionName, number>> {
  const ports: Partial<Record<FunctionName, number>> = {};
  for (const name of FUNCTION_NAMES) ports[name] = wanted[name] || (await findFreePort());
  return ports as Record<FunctionName, number>;
}
