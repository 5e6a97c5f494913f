import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nanosOf } from '../../shared/prices/units.ts';
import { startSweptPipeline, sweepUntil } from '../recovery/sweeping.ts';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture } from '../support/pipeline.ts';

let pipeline: Pipeline;
let seed = 500;
/** Nothing takes so long unless the machine is very slow. */
const PATIENT_MS = 45_000;

beforeAll(async () => {
  pipeline = await startSweptPipeline({
    env: {
      ...{ FLEX_ATTEMPT_MS: '60000', FLEX_OVERALL_MS: '60000', FLEX_TIMEOUT_MS: '70000' },
      ...{ FLEX_BACKOFF_MS: '10', FLEX_RETURN_MS: '30000', FLEX_MAX_CONCURRENCY: '1' },
      ...{ FUNCTION_TIMEOUT_MS: '20000', LEASE_MS: '25000', MODEL_OVERALL_MS: '5000' },
    },
  });
});
afterAll(() => pipeline.close());
beforeEach(() => {
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

const upload = async (metadata: Record<string, string>): Promise<string> => {
  seed += 1;
  const name = `lane-${seed}.jpg`;
  await pipeline.upload(name, await picture(seed), metadata);
  return name;
};

const answered = async (metadata: Record<string, string>) =>
  pipeline.settled(await upload(metadata), undefined, PATIENT_MS);
const costOf = (document: Record<string, unknown>): number =>
  nanosOf((document['cost'] as { usd: number }).usd);
/** `flex ok`, `standard MODEL_OVERLOADED`: lane and end of each call. */
const callsOf = (document: Record<string, unknown>): string[] =>
  (document['attempts'] as { lane?: string; outcome: string }[]).map(
    ({ lane = 'standard', outcome }) => `${lane} ${outcome}`,
  );

describe('a picture', () => {
  it('goes by the flex lane as its upload wishes, for half the price, to the nano-dollar', async () => {
    const standard = await answered({});
    const billBefore = billOf(pipeline);
    const flex = await answered({ lane: 'flex' });
    expect(flex['lane']).toMatchObject({ asked: 'flex', served: 'flex', patienceMs: 900_000 });
    expect(flex['attempts']).toMatchObject([{ lane: 'flex', outcome: 'ok' }]);
    expect(costOf(flex)).toBe(billOf(pipeline) - billBefore);
    expect(costOf(flex) * 2).toBe(costOf(standard));
    expect(standard).not.toHaveProperty('lane');
  });

  it('is served as its upload wishes however that is typed', async () => {
    expect(await answered({ lane: ' Flex ', patience: '20 min' })).toMatchObject({
      lane: { asked: 'flex', served: 'flex', patienceMs: 1_200_000 },
    });
  });

  it('is answered by the lane of its profile where its wish is none, and says so', async () => {
    const document = await answered({ lane: 'cheap', webhook: 'http://10.0.0.7/' });
    expect(document).toMatchObject({
      status: 'completed',
      source: {
        passedOver: [
          'webhook: it does not begin with https://',
          'lane is none of standard, flex, batch, priority',
        ],
      },
    });
    expect(callsOf(document)).toEqual(['standard ok']);
  });

  it('is priced by the lane that served it, whatever it asked for', async () => {
    pipeline.model.behave({ priorityOverflowShare: 1 });
    const document = await answered({ lane: 'priority' });
    expect(document['lane']).toMatchObject({ asked: 'priority', served: 'standard' });
    expect(costOf(document)).toBe(billOf(pipeline));
  });

  it('goes by the standard lane before its patience ends, where flex has no capacity', async () => {
    pipeline.model.behave({ flexShedShare: 1 });
    const document = await answered({ lane: 'flex', patience: '30s' });
    expect(document).toMatchObject({
      status: 'completed',
      lane: { asked: 'flex', served: 'standard', patienceMs: 30_000 },
    });
    expect(costOf(document)).toBe(billOf(pipeline));
  });

  it('waits for capacity while its patience lasts, and is taken up by the sweep', async () => {
    pipeline.model.behave({ flexShedShare: 1 });
    const name = await upload({ lane: 'flex', patience: '1h' });
    const waiting = await pipeline.settled(name, undefined, PATIENT_MS);
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'LANE_WAITING' } });
    expect(new Set(callsOf(waiting))).toEqual(new Set(['flex MODEL_OVERLOADED']));
    expect(billOf(pipeline)).toBe(0);
    pipeline.model.behave({ flexShedShare: 0 });
    const isCompleted = async () => (await pipeline.result(name))?.['status'] === 'completed';
    await sweepUntil(pipeline, isCompleted, PATIENT_MS);
    expect(await pipeline.result(name)).toMatchObject({ lane: { served: 'flex' } });
  });

  it('does not pay again for what was answered: a later step goes by the standard lane at once', async () => {
    pipeline.model.behave({
      flexShedShare: 0,
      script: [
        { json: { ...DESCRIPTION, confidence: 0 } },
        { fault: 'server503', times: 3 },
        { json: DESCRIPTION },
      ],
    });
    const document = await answered({ lane: 'flex', patience: '1h' });
    expect(document).toMatchObject({ status: 'completed', lane: { served: 'standard' } });
    expect(callsOf(document)).toEqual([
      'flex low-confidence',
      ...Array.from({ length: 3 }, () => 'flex MODEL_OVERLOADED'),
      'standard ok',
    ]);
    expect(costOf(document)).toBe(billOf(pipeline));
  });

  it('that waits in the flex lane keeps no place of the standard one, and one flex call too many waits elsewhere', async () => {
    pipeline.model.behave({ flexLatencyMs: 50_000, script: [] });
    const slow = await upload({ lane: 'flex', patience: '1h' });
    const bytes = await picture(seed);
    await pipeline.settled(slow, (document) => document['status'] === 'analyzing', PATIENT_MS);
    const second = await answered({ lane: 'flex', patience: '1h' });
    expect(second).toMatchObject({ status: 'parked', failure: { code: 'LANE_WAITING' } });
    expect(await answered({})).toMatchObject({ status: 'completed' });
    // Nor does one of the same bytes wait for its answer.
    await pipeline.upload('hurried.jpg', bytes);
    expect(callsOf(await pipeline.settled('hurried.jpg', undefined, PATIENT_MS))).toEqual(['standard ok']);
    expect(await pipeline.result(slow)).toMatchObject({ status: 'analyzing' });
  });

  it('whose upload wishes what there is not goes by the lane of its profile', async () => {
    expect(await answered({ lane: 'cheap', patience: 'forever' })).not.toHaveProperty('lane');
  });
});
