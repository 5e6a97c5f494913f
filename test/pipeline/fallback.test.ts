import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { sweep, sweepUntil } from '../recovery/sweeping.ts';
import {
  answerAlways,
  DESCRIPTION,
  type Pipeline,
  picture,
  SHORT_LEASES,
  startPipeline,
} from '../support/pipeline.ts';

const READ = { caption: 'A label.', tags: ['label'], visibleText: 'SKU 1', confidence: 0.5 };

let reader: GeminiSimulator;
let pipeline: Pipeline;

const start = (env: Record<string, string>): Promise<Pipeline> =>
  startPipeline({
    functions: ['resize-image', 'analyze-image', 'sweep'],
    sweepEveryMs: 0,
    times: SHORT_LEASES.times,
    env: {
      ...SHORT_LEASES.env,
      FALLBACK_URL: reader.url,
      FALLBACK_TIMEOUT_MS: '1000',
      FALLBACK_RETRY_MS: '1000',
      FUNCTION_TIMEOUT_MS: '4000',
      LEASE_MS: '4500',
      MODEL_OVERALL_MS: '2000',
      MODEL_ATTEMPT_MS: '1000',
      MODEL_REST_MS: '500',
      MODEL_MAX_REST_MS: '500',
      REPAIR_PAUSE_MS: '4000',
      CONTROL_CACHE_MS: '50',
      ...env,
    },
  });

beforeAll(async () => {
  reader = await startGeminiSimulator();
  pipeline = await start({ FALLBACK: 'local-reader' });
});
afterAll(async () => {
  await pipeline.close();
  await reader.close();
});
afterEach(() => {
  pipeline.model.reset();
  reader.reset();
});

const fail = (fault: 'server503' | 'forbidden403' | 'credit402' | 'quotaDay429'): void => {
  pipeline.model.behave({ script: [], errorRates: { [fault]: 1 } });
  answerAlways(reader, READ);
};

const mend = (): void => {
  pipeline.model.behave({ errorRates: {} });
  answerAlways(pipeline.model, DESCRIPTION);
};

const isCompleted = (name: string) => async () => (await pipeline.result(name))?.['status'] === 'completed';

describe('with a fallback', () => {
  it('an image that no model can answer shows what the reader finds, until a model has answered it', async () => {
    fail('server503');
    await pipeline.upload('outage.jpg', await picture(1));
    const meanwhile = await pipeline.settled('outage.jpg');
    expect(meanwhile).toMatchObject({
      status: 'parked',
      degraded: true,
      answer: READ,
      model: { requested: 'local-reader', version: 'local-reader' },
      parked: { until: expect.anything() },
      cost: { usd: 0 },
    });
    const attempts = meanwhile['attempts'] as { model: string; outcome: string; costUsd: number }[];
    expect(attempts.at(-1)).toMatchObject({ model: 'local-reader', outcome: 'fallback', costUsd: 0 });
    expect(attempts.filter(({ outcome }) => outcome === 'fallback')).toHaveLength(1);

    mend();
    await sweepUntil(pipeline, isCompleted('outage.jpg'));
    const result = await pipeline.result('outage.jpg');
    expect(result).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    for (const field of ['degraded', 'failure', 'parked', 'dueAt']) expect(result).not.toHaveProperty(field);
    expect(result?.['model']).toMatchObject({ requested: 'gemini-3.5-flash-lite' });
  });

  it('the reader is asked about a picture once, however long no model answers', async () => {
    fail('server503');
    await pipeline.upload('long.jpg', await picture(2));
    await pipeline.settled('long.jpg');
    const readings = reader.calls().length;
    const modelCalls = pipeline.modelCalls();
    await sweepUntil(pipeline, async () => pipeline.modelCalls() > modelCalls);
    const still = await pipeline.settled('long.jpg');
    expect(still).toMatchObject({ status: 'parked', degraded: true, answer: READ });
    expect(readings).toBe(1);
    expect(reader.calls()).toHaveLength(1);
  });

  it('used-up quotas of a day park the image until they renew, with an answer', async () => {
    fail('quotaDay429');
    await pipeline.upload('day.jpg', await picture(3));
    const document = await pipeline.settled('day.jpg');
    expect(document).toMatchObject({
      status: 'parked',
      degraded: true,
      failure: { code: 'MODEL_QUOTA_DAY' },
    });
    const { until } = document['parked'] as { until: { toMillis(): number } };
    expect(until.toMillis() - Date.now()).toBeGreaterThan(5_000);
    for (const control of await pipeline.firestore.collection('control').listDocuments())
      await control.delete();
    await new Promise((resolve) => setTimeout(resolve, 200));
  });

  it('refused access leaves answers, and each image returns when the pause is over', async () => {
    fail('forbidden403');
    await pipeline.upload('access/1.jpg', await picture(4));
    await pipeline.settled('access/1.jpg');
    const calls = pipeline.modelCalls();
    await pipeline.upload('access/2.jpg', await picture(5));
    const second = await pipeline.settled('access/2.jpg');
    expect(second).toMatchObject({ degraded: true, answer: READ, failure: { code: 'PIPELINE_PAUSED' } });
    expect(pipeline.modelCalls()).toBe(calls);
    mend();
    for (const name of ['access/1.jpg', 'access/2.jpg']) await sweepUntil(pipeline, isCompleted(name));
    expect(await pipeline.result('access/2.jpg')).toMatchObject({ answer: DESCRIPTION });
  });

  it('that fails as well, everything is as without it', async () => {
    fail('server503');
    reader.behave({ script: [], errorRates: { server500: 1 } });
    await pipeline.upload('both.jpg', await picture(6));
    const waiting = await pipeline.settled('both.jpg', (d) => 'lastFailure' in d);
    expect(waiting).not.toHaveProperty('answer');
    mend();
    expect(await pipeline.settled('both.jpg')).toMatchObject({
      status: 'completed',
      answer: DESCRIPTION,
    });
  });

  it('an upload anew does not inherit what the reader found', async () => {
    fail('server503');
    await pipeline.upload('anew.jpg', await picture(7));
    await pipeline.settled('anew.jpg');
    mend();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const generation = await pipeline.upload('anew.jpg', await picture(8));
    const result = await pipeline.settled(
      'anew.jpg',
      (d) => d['status'] === 'completed' && (d['source'] as { generation: string }).generation === generation,
      30_000,
    );
    expect(result).not.toHaveProperty('degraded');
    expect(await sweep(pipeline)).toMatchObject({ failed: 0 });
  });
});

describe('without being told so', () => {
  it('no reader is asked', async () => {
    const plain = await start({});
    try {
      answerAlways(reader, READ);
      plain.model.behave({ script: [], errorRates: { server503: 1 } });
      await plain.upload('plain.jpg', await picture(9));
      const document = await plain.settled('plain.jpg', (d) => 'lastFailure' in d);
      expect(document).not.toHaveProperty('answer');
      expect(document).not.toHaveProperty('degraded');
      expect(reader.calls()).toHaveLength(0);
    } finally {
      await plain.close();
    }
  });
});
