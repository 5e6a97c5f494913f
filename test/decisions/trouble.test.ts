import { afterEach, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { openStoredFiles } from '../../local/gemini/stored-files.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { examineText } from '../../shared/profiles/store/examine.ts';
import { ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { billOf } from '../support/bill.ts';
import { SHORT_LEASES } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';
import {
  ALONE,
  callsOf,
  DECISION,
  type DecidingPipeline,
  nanosOf,
  SURE,
  startDeciding,
  WRITTEN,
} from './deciding.ts';

let pipeline: DecidingPipeline | undefined;
afterEach(async () => {
  await pipeline?.close();
  pipeline = undefined;
});

describe('kill -9 while a decision is being made', () => {
  it('leaves the picture to the next execution, paid for a second time at most', async () => {
    pipeline = await startDeciding(SHORT_LEASES);
    const { model, cloud } = pipeline;
    const decided = () => model.calls().filter(({ action }) => action === 'decisions').length;
    const name = await pipeline.ask([{ fault: 'hang' }, { json: SURE, times: 9 }]);
    await pipeline.settled(name, () => decided() === 1);
    cloud.supervisor.kill('analyze-image');
    const document = await pipeline.settled(name);
    expect(document).toMatchObject({ status: 'completed', model: { requested: DECISION } });
    expect(decided()).toBeLessThanOrEqual(2);
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });
});

describe('a budget of the day', () => {
  it('that is used up lets no decision be made', async () => {
    pipeline = await startDeciding({ env: { DAILY_BUDGET_USD: '0.00001' } });
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(document).toMatchObject({ status: 'parked', failure: { code: 'BUDGET_EXHAUSTED' } });
    expect(billOf(pipeline)).toBe(0);
  });

  it('that is enough for the decision only keeps what was decided, for a person to look at', async () => {
    pipeline = await startDeciding({ env: { DAILY_BUDGET_USD: '0.0002' } });
    const unsure = { ...SURE, damaged: 0.5 };
    const document = await pipeline.settled(await pipeline.ask([{ json: unsure }]));
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written BUDGET_EXHAUSTED']);
    expect(document).toMatchObject({ status: 'completed', review: { because: 'unsure' } });
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });
});

describe('where the pictures are read on this machine', () => {
  it('nothing is decided: the reader, which says so, is asked to write the answer', async () => {
    pipeline = await startDeciding({ model: { kind: 'simulator', reader: 'local' } });
    const document = await pipeline.settled(await pipeline.ask([]));
    expect(document).toMatchObject({ status: 'completed' });
    expect(callsOf(document)[0]).toBe('decision blocked');
    expect((document['model'] as { version: string }).version).toMatch(/@local-reader$/);
  });
});

describe('with Vertex AI', () => {
  let tokens: TokenServer | undefined;
  let vertex: GeminiSimulator | undefined;
  afterEach(async () => {
    await vertex?.close();
    await tokens?.close();
  });

  async function startOnVertex(
    env: Record<string, string> = {},
    profiles: Readonly<Record<string, string>> = {},
  ): Promise<DecidingPipeline> {
    tokens = await startTokenServer();
    vertex = await startGeminiSimulator({
      openFile: (uri, signal) => openStoredFiles(pipeline?.cloud.storage.url ?? '')(uri, signal),
    });
    vertex.behave({ script: [{ json: WRITTEN, times: 99 }] });
    const access = {
      ...{ GEMINI_BACKEND: 'vertex', VERTEX_BASE_URL: vertex.url },
      GOOGLE_APPLICATION_CREDENTIALS: tokens.credentials,
    };
    return startDeciding({
      profiles,
      functionEnv: { 'analyze-image': { ...access, ...env } },
      env: { PROFILES_CACHE_MS: '0' },
    });
  }

  it('and no key, a ladder goes on without its decisions', async () => {
    pipeline = await startOnVertex({ GEMINI_API_KEY: '' });
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(callsOf(document)).toEqual(['written ok']);
    expect(document).toMatchObject({ status: 'completed', answer: WRITTEN, model: { step: 1 } });
    expect(pipeline.model.calls()).toEqual([]);
  });

  it('and no key, a ladder of decisions alone is refused when the function starts', async () => {
    await expect(startOnVertex({ GEMINI_API_KEY: '' }, { parcel: ALONE })).rejects.toThrow(
      'Vertex AI does not have gemini-decision-1, which is all that the ladder of parcel has: set GEMINI_API_KEY too',
    );
  });

  it('and no key, pictures of such a ladder that is pushed later wait, and say why', async () => {
    pipeline = await startOnVertex({ GEMINI_API_KEY: '' });
    await push(pipeline, 'alone', ALONE);
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }], { folder: 'alone' }));
    expect(document).toMatchObject({
      status: 'parked',
      failure: {
        code: 'MODEL_NOT_FOUND',
        message: 'Vertex AI does not have gemini-decision-1, which is all that the ladder of alone has.',
      },
    });
  });

  it('and a key beside it, decisions are made by the Gemini API and answers written by Vertex AI', async () => {
    pipeline = await startOnVertex();
    const sure = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(callsOf(sure)).toEqual(['decision ok']);
    expect(vertex?.calls()).toEqual([]);
    const unsure = await pipeline.settled(await pipeline.ask([{ json: { ...SURE, damaged: 0.5 } }]));
    expect(callsOf(unsure)).toEqual(['decision low-confidence', 'written ok']);
    expect(vertex?.calls()).toMatchObject([{ api: 'vertex', status: 200 }]);
  });
});

async function push({ cloud }: DecidingPipeline, name: string, text: string): Promise<void> {
  const documents = new Documents({ projectId: 'local', emulatorHost: cloud.firestore.host });
  const examined = examineText(name, text, { readPicture: () => undefined, nowMs: Date.now() });
  if ('problems' in examined) throw new Error('problems');
  await new ProfileStore(documents).put(examined.candidate, { action: 'push', by: null });
  await documents.close();
}
