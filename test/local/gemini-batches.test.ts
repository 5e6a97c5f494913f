import { afterEach, beforeEach, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';

let model: GeminiSimulator;
beforeEach(async () => {
  model = await startGeminiSimulator({ random: seededRandom(7) });
});
afterEach(() => model.close());

const headers = { 'x-goog-api-key': 'local', 'content-type': 'application/json' };
const ROWS = 4;

interface Shown {
  name: string;
  done?: boolean;
  metadata: { state: string; batchStats: Record<string, string> };
  response?: unknown;
}

/** The answer to the creation of a job with a few questions; undefined where the connection breaks. */
async function create(name: string): Promise<Response | undefined> {
  const request = { contents: [{ role: 'user', parts: [{ text: 'Hello.' }] }] };
  const requests = Array.from({ length: ROWS }, (_, i) => ({ request, metadata: { key: `row-${i}` } }));
  const body = JSON.stringify({ batch: { display_name: name, input_config: { requests: { requests } } } });
  const url = `${model.url}/v1beta/models/gemini-3.5-flash-lite:batchGenerateContent`;
  return fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
}

const jobs = async (): Promise<Shown[]> => {
  const listed = await fetch(`${model.url}/v1beta/batches?pageSize=1000`, { headers });
  return ((await listed.json()) as { operations?: Shown[] }).operations ?? [];
};

const ended = () => expect.poll(async () => (await jobs()).every(({ done }) => done === true)).toBe(true);

it('a job that stalls expires after its longest time, without answers and without a bill', async () => {
  model.behave({ batchEnds: 'stuck', batchLongestMs: 100 });
  const created = await create('stalls');
  expect(await created?.json()).toMatchObject({ metadata: { state: 'BATCH_STATE_PENDING' } });
  await ended();
  const [job] = await jobs();
  expect(job?.metadata.state).toBe('BATCH_STATE_EXPIRED');
  expect(job).not.toHaveProperty('response');
  expect(model.bill().total.calls).toBe(0);
});

it('a job that is cancelled while its rows are answered bills and keeps those that are', async () => {
  model.behave({ batchRowMs: 150 });
  await create('halfway');
  await expect.poll(() => model.bill().total.calls).toBe(1);
  const [running] = await jobs();
  await fetch(`${model.url}/v1beta/${running?.name}:cancel`, { method: 'POST', headers, body: '{}' });
  await ended();
  const [job] = await jobs();
  expect(job?.metadata.state).toBe('BATCH_STATE_CANCELLED');
  expect(job?.response).toBeDefined();
  expect(model.bill().total.calls).toBeLessThan(ROWS);
});

it('jobs end, and creations go, otherwise in the shares that are set', async () => {
  model.behave({
    batchEndRates: { failed: 0.3, expired: 0.2 },
    batchCreateRates: { unheard: 0.2, lost: 0.1, quota: 0.1 },
  });
  const answers: string[] = [];
  for (let i = 0; i < 200; i += 1) answers.push(String((await create(`job-${i}`))?.status));
  await ended();
  const count = (all: readonly string[], one: string) => all.filter((other) => other === one).length;
  expect(count(answers, '429')).toBeGreaterThan(10);
  // Of those that nobody heard of, some are there.
  expect(count(answers, 'undefined')).toBeGreaterThan(40);
  const states = (await jobs()).map(({ metadata }) => metadata.state);
  expect(states.length).toBeGreaterThan(count(answers, '200') + 20);
  expect(count(states, 'BATCH_STATE_FAILED') / states.length).toBeCloseTo(0.3, 1);
  expect(count(states, 'BATCH_STATE_EXPIRED') / states.length).toBeCloseTo(0.2, 1);
});
