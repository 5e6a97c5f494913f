import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allAre, batchEnv, runUntil } from '../batch/batching.ts';
import { billOf } from '../support/bill.ts';
import { type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
let profiles: string;
let seed = 6_000;

const PROFILE = `
prompt: What stands on the shelf?
gate:
  - { ask: Does the picture show a shelf with goods?, refuse: It shows no shelf. }
  - { ask: Is the picture sharp enough to read print?, holds: print is legible, fails: print is blurred }
fields:
  goods: { max: 100 }
  confidence: { type: number, min: 0, max: 1 }
`;
const ANSWER = { goods: 'pens', confidence: 0.9 };
const DECISION = 'gemini-decision-1';

beforeAll(async () => {
  profiles = await mkdtemp(join(tmpdir(), 'gate-'));
  await writeFile(join(profiles, 'shelf.yaml'), PROFILE);
  await writeFile(join(profiles, 'describe.yaml'), PROFILE.replace(/gate:[\s\S]*fields/, 'fields'));
  pipeline = await startPipeline({
    functions: ['resize-image', 'analyze-image', 'batch'],
    batchEveryMs: 0,
    functionEnv: { batch: batchEnv },
    env: { PROFILES_FOLDER: profiles },
  });
});
afterAll(async () => {
  await pipeline.close();
  await rm(profiles, { recursive: true, force: true });
});
beforeEach(() => pipeline.model.reset());

type Script = NonNullable<Parameters<Pipeline['model']['behave']>[0]['script']>;

async function upload(
  gate: Script,
  metadata: Record<string, string> = {},
  folder = 'shelf',
): Promise<string> {
  seed += 1;
  const usual = ['gemini-3.5-flash-lite', 'gemini-3.8-flash'].map((model) => ({
    model,
    json: ANSWER,
    times: 99,
  }));
  pipeline.model.behave({ script: [...gate, ...usual] });
  await pipeline.upload(`${folder}/${seed}.jpg`, await picture(seed, 300, 200), metadata);
  return `${folder}/${seed}.jpg`;
}

const yes = (q1: number, q2 = 0.97): Script => [{ model: DECISION, json: { q1, q2 } }];
const callsOf = (document: Record<string, unknown>): string[] =>
  (document['attempts'] as { model: string; outcome: string }[]).map(
    ({ model, outcome }) => `${model.startsWith(DECISION) ? 'gate' : 'model'} ${outcome}`,
  );
const nanos = (document: Record<string, unknown>): number =>
  Math.round((document['cost'] as { usd: number }).usd * 1e9);

describe('the gate of a profile', () => {
  it('lets a suitable picture through, for a tenth of the price of its answer', async () => {
    const document = await pipeline.settled(await upload(yes(0.95)));
    expect(document).toMatchObject({ status: 'completed', answer: ANSWER });
    expect(callsOf(document)).toEqual(['gate suitable', 'model ok']);
    expect(nanos(document)).toBe(billOf(pipeline));
    const [gate, answer] = document['attempts'] as { costUsd: number }[];
    expect(gate?.costUsd).toBeGreaterThan(0);
    expect(gate?.costUsd).toBeLessThan(0.0001);
    expect(gate?.costUsd).toBeLessThan((answer?.costUsd ?? 0) / 2);
    const { estimatedUsd } = document['cost'] as { estimatedUsd: number };
    expect(estimatedUsd).toBeGreaterThan((answer?.costUsd ?? 0) / 2);
  });

  it('refuses a picture that is surely something else, before its answer is paid', async () => {
    const document = await pipeline.settled(await upload(yes(0.03)));
    expect(document).toMatchObject({
      status: 'refused',
      failure: { code: 'NOT_SUITABLE', message: 'It shows no shelf. (97 % sure.)' },
    });
    expect(callsOf(document)).toEqual(['gate not-suitable']);
    expect(nanos(document)).toBe(billOf(pipeline));
    expect(pipeline.modelCalls()).toBe(0);
  });

  it('says which question was answered no where the profile has no sentence for it', async () => {
    const document = await pipeline.settled(await upload(yes(0.9, 0.1)));
    expect((document['failure'] as { message: string }).message).toContain(
      'The answer to "Is the picture sharp enough to read print?" is no.',
    );
  });

  it('lets through what it is not sure of', async () => {
    expect(await pipeline.settled(await upload(yes(0.4)))).toMatchObject({ status: 'completed' });
  });

  it('holds up nothing when it cannot be asked', async () => {
    const document = await pipeline.settled(
      await upload([{ model: DECISION, fault: 'server503', times: 20 }]),
    );
    expect(document).toMatchObject({ status: 'completed', answer: ANSWER });
    expect(nanos(document)).toBe(billOf(pipeline));
  });

  it('is asked of no picture of a profile without one', async () => {
    const document = await pipeline.settled(await upload(yes(0.01), {}, 'describe'));
    expect(callsOf(document)).toEqual(['model ok']);
  });

  it('is asked before a picture waits for a batch, and once', async () => {
    const name = await upload(yes(0.95), { lane: 'batch' });
    const waiting = await pipeline.settled(name);
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'BATCH_WAITING' } });
    expect(callsOf(waiting)).toEqual(['gate suitable']);
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    const document = (await pipeline.result(name)) ?? {};
    expect(callsOf(document)).toEqual(['gate suitable', 'model ok']);
    expect(nanos(document)).toBe(billOf(pipeline));
    expect(await pipeline.settled(await upload(yes(0.02), { lane: 'batch' }))).toMatchObject({
      status: 'refused',
    });
  });

  it('is not asked of a picture whose bytes wait for a batch already: that one is waited for', async () => {
    const first = await upload(yes(0.95), { lane: 'batch' });
    await pipeline.settled(first);
    const second = `shelf/again-${seed}.jpg`;
    await pipeline.upload(second, await picture(seed, 300, 200), { lane: 'batch' });
    const waiting = await pipeline.settled(second, undefined, 20_000);
    expect(waiting).toMatchObject({ status: 'parked', claim: { count: 2 } });
    await runUntil(pipeline, allAre(pipeline, [first, second], 'completed'));
    expect(callsOf((await pipeline.result(second)) ?? {})).toEqual(['model cache']);
    expect(nanos((await pipeline.result(first)) ?? {})).toBe(billOf(pipeline));
  });
});
