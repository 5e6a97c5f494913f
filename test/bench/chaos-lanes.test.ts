import { expect, it } from 'vitest';
import { judgeLanes, patienceOf } from '../../bench/chaos/lanes.ts';
import { resultIdOf } from '../../bench/chaos/outcome.ts';
import type { Uploaded } from '../../bench/chaos/uploading.ts';
import { createWishes, type Wish } from '../../bench/chaos/wishes.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { chooseLane } from '../../shared/profiles/lane-choice.ts';
import type { ResultDocument } from '../../shared/results/document.ts';

const AT = 1_000_000;

const upload = (name: string, wish: Wish): Uploaded => ({
  member: { name, atMs: 0, picture: { width: 40, height: 40 }, fate: { kind: 'kept' }, wish },
  ...{ generation: '1', at: AT, versions: 1 },
});

const flex = (patience: string, seconds: number): Wish => ({
  ...{ lane: 'flex', metadata: { lane: 'flex', patience }, patienceMs: seconds * 1_000 },
});

const ended = (afterMs: number, status = 'completed', served = 'flex') =>
  ({
    status,
    updatedAt: new Date(AT + afterMs),
    cost: { usd: 0.001 },
    lane: { served },
  }) as unknown as ResultDocument;

it('the wishes of a seed are the same each time, and the pipeline takes each for the lane that it is meant for', () => {
  const draw = (seed: number) => {
    const wishOf = createWishes(['standard', 'flex', 'batch', 'priority'], seededRandom(seed));
    return Array.from({ length: 300 }, wishOf);
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  for (const { lane, metadata, patienceMs } of draw(1)) {
    const chosen = chooseLane(metadata);
    expect(chosen?.asked ?? 'standard').toBe(lane);
    expect(chosen?.patienceMs).toBe(patienceMs);
  }
});

it('lanes that are not named are not wished for', () => {
  const wishOf = createWishes(['batch'], seededRandom(3));
  expect(new Set(Array.from({ length: 100 }, () => wishOf().lane))).toEqual(new Set(['batch']));
});

it('patience is kept by what ended in time, with or without an answer; what nobody knew of does not count', () => {
  const uploads = [
    upload('in-time', flex('60s', 60)),
    upload('ended', flex('60s', 60)),
    upload('late', flex('60s', 60)),
    upload('open', flex('60s', 60)),
    upload('unheard', flex('60s', 60)),
    upload('usual', flex('15m', 900)),
  ];
  const outcomes = [
    ended(60_000),
    ended(59_000, 'failed'),
    ended(60_001),
    undefined,
    ended(90_000),
    ended(61_000),
  ];
  const documents = new Map(
    uploads.flatMap((one, i) => {
      const document = outcomes[i];
      return document ? [[resultIdOf(one), document] as const] : [];
    }),
  );
  const lanes = judgeLanes(uploads, documents, new Set(['unheard']));
  expect(lanes).toEqual({
    flex: {
      ...{ asked: 6, answered: 4, served: { flex: 4 }, usdPer1000: 1, patient: 4, patienceKept: 0.5 },
      late: ['late (60s): 0 s late, completed'],
    },
  });
  expect(patienceOf(lanes)).toEqual({ patient: 4, kept: 0.5 });
});
