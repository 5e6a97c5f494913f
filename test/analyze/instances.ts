import sharp from 'sharp';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import type { Behavior } from '../../local/gemini/behavior.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { ModelGate } from '../../shared/model/gate/call-path.ts';
import type { GateOptions } from '../../shared/model/gate/options.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import { Control } from '../../shared/results/pauses.ts';

export const MODEL = 'gemini-3.5-flash-lite';
export const OTHER_MODEL = 'gemini-3.1-flash-lite';

/**
 * Quick enough for a test, and nothing limited that the test does not limit. Times in milliseconds: those of a call are
 * what a busy machine needs, and shorter than the 30 s for which quotas are closed here.
 */
const OPTIONS: GateOptions = {
  maxAttempts: 3,
  attemptMs: 20_000,
  overallMs: 25_000,
  baseMs: 10,
  maxMs: 50,
  requestsPerMinute: 0,
  tokensPerMinute: 0,
  maxConcurrency: 16,
  maxQueue: 100,
  restMs: 300,
  maxRestMs: 1_000,
  repairMs: 60_000,
};

export interface Instance {
  guard: ModelGate;
  control: Control;
  ask(more?: Partial<ModelRequest>): ReturnType<ModelGate['ask']>;
  close(): Promise<void>;
}

/** One model server and one Firestore, and as many instances of the function's guard as a test wants. */
export interface Stage {
  model: GeminiSimulator;
  firestore: FirestoreServer;
  request: ModelRequest;
  instance(options?: Partial<GateOptions> & { cacheMs?: number }): Instance;
  calls(model?: string): number;
  close(): Promise<void>;
}

export async function startStage(behavior: Partial<Behavior> = {}): Promise<Stage> {
  const model = await startGeminiSimulator({ behavior });
  const firestore = await startFirestoreServer({});
  const open: Instance[] = [];
  const request = await pictureRequest();
  return {
    model,
    firestore,
    request,
    instance: ({ cacheMs = 200, ...options } = {}) => {
      const instance = createInstance(model, firestore, request, { ...OPTIONS, ...options }, cacheMs);
      open.push(instance);
      return instance;
    },
    calls: (name) => model.calls().filter((call) => name === undefined || call.model === name).length,
    close: async () => {
      await Promise.all(open.map((instance) => instance.close()));
      await Promise.all([model.close(), firestore.close()]);
    },
  };
}

function createInstance(
  model: GeminiSimulator,
  firestore: FirestoreServer,
  request: ModelRequest,
  options: GateOptions,
  cacheMs: number,
): Instance {
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = firestore.host;
  const documents = new Documents({ projectId: 'guard' });
  const log = createLog({ service: 'test', level: 'silent' });
  const control = new Control(documents, { cacheMs, log });
  const guard = new ModelGate(
    createDeveloperApi({ apiKey: 'key', baseUrl: model.url }),
    control,
    log,
    options,
  );
  return {
    guard,
    control,
    ask: (more = {}) => guard.ask({ ...request, ...more }, new AbortController().signal),
    close: () => documents.close(),
  };
}

async function pictureRequest(): Promise<ModelRequest> {
  const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'white' } })
    .jpeg()
    .toBuffer();
  return {
    model: MODEL,
    step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 512 },
    instructions: 'You read pictures.',
    prompt: 'Describe the picture.',
    responseSchema: { type: 'OBJECT', properties: { caption: { type: 'STRING' } } },
    image: { mimeType: 'image/jpeg', base64: picture.toString('base64') },
  };
}

/** The failure's code and facts; fails the test when nothing failed. */
export async function failureOf(
  answer: Promise<unknown>,
): Promise<{ code: string; facts: { until?: number }; disposition: { park: boolean; redeliver: boolean } }> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error('expected a failure');
  return error as Awaited<ReturnType<typeof failureOf>>;
}
