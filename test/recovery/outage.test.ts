import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerAlways, DESCRIPTION, type Pipeline, picture } from '../support/pipeline.ts';
import { startSweptPipeline, sweep } from './sweeping.ts';

/** As in the cloud, where one write to Firestore is given up long before the function's time is over. Milliseconds. */
const TIMES = { ackDeadlineMs: 60_000, minBackoffMs: 100, maxBackoffMs: 800 };
const ENV = {
  FUNCTION_TIMEOUT_MS: '50000',
  LEASE_MS: '55000',
  MODEL_OVERALL_MS: '40000',
  MODEL_ATTEMPT_MS: '20000',
};

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await startSweptPipeline({ env: ENV, times: TIMES });
});
afterEach(() => pipeline.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('an answer that arrives while Firestore is away', () => {
  it.each([
    ['hang', 17_000],
    ['unavailable', 20_000],
  ] as const)('(%s) for %i ms is stored and paid for once', async (how, ms) => {
    answerAlways(pipeline.model, DESCRIPTION);
    pipeline.model.behave({ latencyMs: 1_500 });
    await pipeline.upload('a.jpg', await picture(1));
    await pipeline.settled('a.jpg', (d) => d['status'] === 'analyzing');
    await pause(700);
    pipeline.cloud.firestore.setFault(how);
    await pause(ms);
    pipeline.cloud.firestore.setFault('none');
    await pipeline.settled('a.jpg', (d) => d['status'] === 'completed');
    await pause(2_000);
    await sweep(pipeline);
    await pause(1_000);
    expect(await pipeline.result('a.jpg')).toMatchObject({ status: 'completed', answer: DESCRIPTION });
    expect(pipeline.modelCalls()).toBe(1);
  });
});
