import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { allAre, batchEnv, runUntil } from '../batch/batching.ts';
import { billOf } from '../support/bill.ts';
import { idOf, type Pipeline, startPipeline } from '../support/pipeline.ts';
import { scene } from '../support/scenes.ts';

const PROFILE = `
prompt: Is the parcel damaged?
similar: 0.98
fields:
  damaged: boolean
  kind: { enum: [dent, tear, none] }
  confidence: { type: number, min: 0, max: 1 }
`;
const ANSWER = { damaged: true, kind: 'dent', confidence: 0.9 };

let pipeline: Pipeline;
let profiles: string;
let seed = 0;

beforeAll(async () => {
  profiles = await mkdtemp(join(tmpdir(), 'alike-'));
  await writeFile(join(profiles, 'parcel.yaml'), PROFILE);
  await writeFile(join(profiles, 'placed.yaml'), `evidence: boxes\n${PROFILE}`);
  await writeFile(join(profiles, 'describe.yaml'), PROFILE.replace('similar: 0.98\n', ''));
  pipeline = await startPipeline({
    functions: ['resize-image', 'analyze-image', 'batch', 'api'],
    batchEveryMs: 0,
    functionEnv: { batch: batchEnv },
    env: { PROFILES_FOLDER: profiles },
  });
});
afterAll(async () => {
  await pipeline.close();
  await rm(profiles, { recursive: true, force: true });
});
beforeEach(() => {
  seed += 1;
  pipeline.model.reset();
  pipeline.model.behave({ script: [{ json: ANSWER, times: 1_000 }] });
});

const ADA = { uploader: 'ada@example.com' };

async function answered(name: string, bytes: Buffer, metadata: Record<string, string> = ADA) {
  await pipeline.upload(name, bytes, metadata);
  return pipeline.settled(name);
}

const savedAgain = (bytes: Buffer, quality = 60) => sharp(bytes).jpeg({ quality }).toBuffer();
const outcomes = (document: Record<string, unknown>): string[] =>
  (document['attempts'] as { outcome: string }[]).map(({ outcome }) => outcome);

/** A look-alike of this one that is being asked, for so many milliseconds more. */
async function underWay(name: string, like: Record<string, unknown>, forMs: number): Promise<void> {
  const { review: _, answer: __, ...others } = like;
  const claim = { ...(like['claim'] as object), expiresAt: new Date(Date.now() + forMs) };
  await pipeline.firestore.doc(`results/${idOf(name)}`).create({ ...others, status: 'analyzing', claim });
}

describe('a picture that looks like one that was answered', () => {
  it('takes over its answer, says from which and how similar it is, and costs nothing', async () => {
    const bytes = await scene(seed);
    const first = await answered(`parcel/first-${seed}.jpg`, bytes);
    const copy = await answered(`parcel/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(copy).toMatchObject({
      status: 'completed',
      answer: ANSWER,
      takenOver: { from: idOf(`parcel/first-${seed}.jpg`), name: `parcel/first-${seed}.jpg` },
      cost: { usd: 0, savedByCacheUsd: (first['cost'] as { usd: number }).usd },
    });
    const { similarity } = copy['takenOver'] as unknown as { similarity: number };
    expect(similarity).toBeGreaterThanOrEqual(0.98);
    expect(outcomes(copy)).toEqual(['look-alike']);
    expect(pipeline.modelCalls()).toBe(1);
    expect(Math.round((first['cost'] as { usd: number }).usd * 1e9)).toBe(billOf(pipeline));
  });

  it('has no boxes, for the same thing may stand elsewhere in it; the same bytes have them', async () => {
    const evidence = [{ field: 'kind', box_2d: [100, 200, 300, 400] }];
    pipeline.model.reset();
    pipeline.model.behave({ script: [{ json: { ...ANSWER, evidence } as never, times: 1_000 }] });
    const bytes = await scene(seed);
    const boxes = [{ field: 'kind', box: { top: 100, left: 200, bottom: 300, right: 400 } }];
    const first = await answered(`placed/first-${seed}.jpg`, bytes);
    expect(first['model']).toMatchObject({ evidence: boxes });
    const again = await answered(`placed/again-${seed}.jpg`, bytes);
    expect(again['model']).toMatchObject({ evidence: boxes });
    const copy = await answered(`placed/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(outcomes(copy)).toEqual(['look-alike']);
    expect(copy['answer']).toEqual(ANSWER);
    expect(copy['model']).not.toHaveProperty('evidence');
  });

  it('of the same bytes is the same picture, and not said to look alike', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    const again = await answered(`parcel/again-${seed}.jpg`, bytes);
    expect(outcomes(again)).toEqual(['cache']);
    expect(again['takenOver']).toBeUndefined();
  });

  it('of another uploader is asked about', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    const other = await answered(`parcel/other-${seed}.jpg`, await savedAgain(bytes), { uploader: 'bob' });
    expect(outcomes(other)).toEqual(['ok']);
  });

  it('is asked about where its profile does not say `similar`', async () => {
    const bytes = await scene(seed);
    await answered(`describe/first-${seed}.jpg`, bytes);
    const copy = await answered(`describe/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(outcomes(copy)).toEqual(['ok']);
    expect((copy['prepared'] as { likeness?: object }).likeness).toBeUndefined();
  });

  it('is asked about when the uploader wants a new answer', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    const wanted = { ...ADA, refresh: 'true' };
    const copy = await answered(`parcel/copy-${seed}.jpg`, await savedAgain(bytes), wanted);
    expect(outcomes(copy)).toEqual(['ok']);
  });

  it('takes over the answer of what was really asked, not of another copy', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    await answered(`parcel/second-${seed}.jpg`, await savedAgain(bytes, 70));
    const third = await answered(`parcel/third-${seed}.jpg`, await savedAgain(bytes, 50));
    expect(third).toMatchObject({ takenOver: { name: `parcel/first-${seed}.jpg` } });
  });

  it.each([
    ['no model was sure of', { review: { because: 'unsure', dueAt: new Date() } }],
    ['a person has called wrong', { 'feedback.verdict': 'wrong' }],
    ['a person has corrected', { 'feedback.verdict': 'corrected' }],
    ['was cut off', { partial: true }],
    ['is older than the profile keeps answers', { updatedAt: new Date(Date.now() - 25 * 3_600_000) }],
  ])('is asked about where the answer %s', async (_, change) => {
    const bytes = await scene(seed);
    const name = `parcel/first-${seed}.jpg`;
    const { answer } = await answered(name, bytes);
    const feedback = { verdict: 'right', by: null, at: new Date(), answer };
    const document = pipeline.firestore.doc(`results/${idOf(name)}`);
    if ('feedback.verdict' in change) await document.update({ feedback });
    await document.update(change);
    const copy = await answered(`parcel/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(outcomes(copy)).toEqual(['ok']);
  });

  it('waits while the other one is being asked: a burst costs one call', async () => {
    const bytes = await scene(seed);
    pipeline.model.behave({ script: [{ json: ANSWER, times: 1_000, latencyMs: 1_500 }] });
    const names = [92, 85, 80, 75, 70, 65].map((quality) => ({
      quality,
      name: `parcel/${seed}-${quality}.jpg`,
    }));
    await Promise.all(
      names.map(async ({ quality, name }) => pipeline.upload(name, await savedAgain(bytes, quality), ADA)),
    );
    const documents = await Promise.all(names.map(({ name }) => pipeline.settled(name)));
    expect(documents.map(({ status }) => status)).toEqual(names.map(() => 'completed'));
    expect(documents.flatMap(outcomes).sort()).toEqual([...Array(5).fill('look-alike'), 'ok']);
    expect(pipeline.modelCalls()).toBe(1);
  });

  it('costs one look at Firestore more than where nobody asks for it', async () => {
    const operationsOf = async (folder: string): Promise<number> => {
      await pipeline.cloud.pubsub.idle();
      const before = pipeline.cloud.firestore.operations();
      await Promise.all(
        Array.from({ length: 8 }, async (_, i) =>
          pipeline.upload(`${folder}/${seed}-${i}.jpg`, await scene(1_000 + seed * 10 + i), ADA),
        ),
      );
      await pipeline.cloud.pubsub.idle();
      const after = pipeline.cloud.firestore.operations();
      return (after.reads + after.writes - before.reads - before.writes) / 8;
    };
    const usual = await operationsOf('describe');
    expect((await operationsOf('parcel')) - usual).toBeLessThanOrEqual(1.5);
  });

  it('takes over no doubted answer by way of an exact repeat of it', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    await answered(`parcel/again-${seed}.jpg`, bytes);
    const feedback = { verdict: 'wrong', by: null, at: new Date(), answer: ANSWER };
    await pipeline.firestore.doc(`results/${idOf(`parcel/first-${seed}.jpg`)}`).update({ feedback });
    const copy = await answered(`parcel/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(outcomes(copy)).toEqual(['ok']);
  });

  it('waits for none whose owner has died, and for a living one until its answer is there', async () => {
    const bytes = await scene(seed);
    const first = `parcel/first-${seed}.jpg`;
    const document = await answered(first, bytes);
    await pipeline.firestore.doc(`results/${idOf(first)}`).delete();
    await underWay(`parcel/dead-${seed}.jpg`, document, -1_000);
    const asked = `parcel/asked-${seed}.jpg`;
    expect(outcomes(await answered(asked, await savedAgain(bytes, 85)))).toEqual(['ok']);
    await pipeline.firestore.doc(`results/${idOf(asked)}`).delete();

    const living = `parcel/living-${seed}.jpg`;
    await underWay(living, document, 3_600_000);
    const waiting = `parcel/waiting-${seed}.jpg`;
    await pipeline.upload(waiting, await savedAgain(bytes, 70), ADA);
    await pipeline.settled(waiting, ({ lastFailure }) => lastFailure !== undefined);
    expect(pipeline.modelCalls()).toBe(2);
    const { answer, status } = document;
    await pipeline.firestore.doc(`results/${idOf(living)}`).update({ answer, status });
    expect(await pipeline.settled(waiting)).toMatchObject({ takenOver: { name: first } });
  });

  it('waits for no second one where the answer of a first is doubted', async () => {
    const bytes = await scene(seed);
    pipeline.model.behave({ script: [{ json: { ...ANSWER, confidence: 0.1 }, times: 3 }] });
    const doubted = await answered(`parcel/first-${seed}.jpg`, bytes);
    expect(doubted).toMatchObject({ review: { because: 'unsure' } });
    await underWay(`parcel/second-${seed}.jpg`, doubted, 3_600_000);
    pipeline.model.behave({ script: [{ json: ANSWER, times: 1_000 }] });
    const copy = await answered(`parcel/copy-${seed}.jpg`, await savedAgain(bytes));
    expect(outcomes(copy)).toEqual(['ok']);
  });

  it('in the lane batch waits for the answer of the other one', async () => {
    const bytes = await scene(seed);
    const names = [`parcel/${seed}-a.jpg`, `parcel/${seed}-b.jpg`];
    const lane = { ...ADA, lane: 'batch' };
    await pipeline.upload(names[0] ?? '', bytes, lane);
    await pipeline.settled(names[0] ?? '', ({ status }) => status === 'parked');
    await pipeline.upload(names[1] ?? '', await savedAgain(bytes), lane);
    await pipeline.settled(names[1] ?? '', ({ status }) => status === 'parked');
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    const [asked = {}, copy = {}] = await Promise.all(names.map((name) => pipeline.settled(name)));
    expect(outcomes(asked)).toEqual(['ok']);
    expect(outcomes(copy)).toEqual(['look-alike']);
    expect(copy).toMatchObject({ takenOver: { name: names[0] } });
  });

  it('is asked about anew by a replay', async () => {
    const bytes = await scene(seed);
    await answered(`parcel/first-${seed}.jpg`, bytes);
    const name = `parcel/copy-${seed}.jpg`;
    await answered(name, await savedAgain(bytes));
    const client = new PipelineClient({ baseUrl: pipeline.cloud.url('api') });
    await client.replay(idOf(name));
    const replayed = await pipeline.settled(
      name,
      ({ attempts, status }) => status === 'completed' && (attempts as unknown[]).length > 1,
    );
    expect(outcomes(replayed).at(-1)).toBe('ok');
    expect(replayed['takenOver']).toBeUndefined();
  });
});
