import { throughGate } from './cost/gate.ts';
import { moderations } from './cost/moderation.ts';
import { naively } from './cost/naive.ts';
import { CLIMBS, ITEMS_PER_SHELF, shelfPicture, TOP_MODEL } from './cost/shelves.ts';
import { throughPipeline } from './cost/through-pipeline.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

/** One flex call in five finds no capacity and is asked by standard at once: nobody waits for a sweep here. */
const CROWDED = {
  behavior: { flexShedShare: 0.2 },
  env: { FLEX_MAX_ATTEMPTS: '1', FLEX_RETURN_MS: '86400000' },
};

/** What 1,000 pictures cost, by the simulator's usage and the price table: naive, first step only, the ladder, repeats. */
export async function run(options: BenchOptions): Promise<Report> {
  const count = options.short ? 40 : 400;
  const pictures = await Promise.all(Array.from({ length: count }, (_, i) => shelfPicture(i)));
  const naive = await naively(pictures);
  options.progress(`naive: $${naive.toFixed(3)} per 1000`);
  const first = await throughPipeline(pictures, { climbs: false });
  options.progress(`first step: $${first.usdPer1000.toFixed(3)} per 1000`);
  const ladder = await throughPipeline(pictures, { climbs: true });
  options.progress(`ladder: $${ladder.usdPer1000.toFixed(3)} per 1000`);
  const repeated = await throughPipeline(
    pictures.map((picture, i) => (i % 5 === 4 ? (pictures[i - 1] ?? picture) : picture)),
    { climbs: true },
  );
  const flex = await throughPipeline(pictures, { climbs: true, lane: 'flex' });
  options.progress(`flex: $${flex.usdPer1000.toFixed(3)} per 1000`);
  const crowded = await throughPipeline(pictures, { climbs: true, lane: 'flex', ...CROWDED });
  options.progress(`flex, some by standard: $${crowded.usdPer1000.toFixed(3)} per 1000`);
  const batch = await throughPipeline(pictures, { climbs: false, lane: 'batch' });
  const batches = await throughPipeline(pictures, { climbs: true, lane: 'batch' });
  options.progress(
    `batch: $${batch.usdPer1000.toFixed(3)}, with the ladder $${batches.usdPer1000.toFixed(3)}`,
  );
  const gated = await throughGate(pictures);
  options.progress(`gate and ladder: $${gated.usdPer1000.toFixed(3)} per 1000`);
  const { written, decided } = await moderations(pictures);
  options.progress(
    `moderation: $${written.usdPer1000.toFixed(3)} written, $${decided.usdPer1000.toFixed(3)} decided`,
  );
  const runs = [first, ladder, repeated, flex, crowded, batch, batches, gated, written, decided];
  const difference = Math.max(...runs.map((one) => Math.abs(one.settledNanos - one.billedNanos)));
  const booksDifference = Math.max(...runs.map((one) => Math.abs(one.bookedNanos - one.billedNanos)));
  return report(
    'cost',
    options,
    [
      figure(`(a) naive: original picture, ${TOP_MODEL} HIGH`, naive, 'USD per 1000'),
      atMost('(b) first step only', first.usdPer1000, 1.1, 'USD per 1000'),
      atMost('(c) the ladder at the measured climb rate', ladder.usdPer1000, 1.3, 'USD per 1000'),
      figure('    calls beyond the first, per image', ladder.climbRate, 'calls'),
      figure('(d) the ladder, 20 % repeated pictures', repeated.usdPer1000, 'USD per 1000'),
      atMost('(e) the ladder by flex', flex.usdPer1000, 0.5, 'USD per 1000'),
      atMost('(e2) the same, 20 % of the calls by standard', crowded.usdPer1000, 0.6, 'USD per 1000'),
      figure('     calls that went by standard', crowded.standardShare * 100, '%'),
      atMost('(f) first step only, by batch', batch.usdPer1000, 0.45, 'USD per 1000'),
      atMost('(f2) the ladder by batch', batches.usdPer1000, 0.5, 'USD per 1000'),
      figure('     Firestore reads + writes per image, (f2)', batches.operationsPerImage, 'operations'),
      atMost('(g) gate and ladder, 20 % unsuitable pictures', gated.usdPer1000, 0.9, 'USD per 1000'),
      figure('(h) moderation, written by the first step', written.usdPer1000, 'USD per 1000'),
      atMost('(h2) decided, 10 % climb', decided.usdPer1000, 0.16, 'USD per 1000'),
      figure('saved by (d) against (a)', (1 - repeated.usdPer1000 / naive) * 100, '%'),
      atMost('settled costs against the bill', difference / 1000, 0, 'micro-dollars'),
      atMost('spendLog against the bill', booksDifference / 1000, 0, 'micro-dollars'),
      atMost('Firestore reads + writes per image, (c)', ladder.operationsPerImage, 8, 'operations'),
      atMost('Firestore reads + writes per image, (d)', repeated.operationsPerImage, 8, 'operations'),
    ],
    [
      `${count} generated pictures of shelves, profile inventory, answers of ${ITEMS_PER_SHELF} articles; usage counted by the simulator, prices of the day.`,
      `One picture in ${CLIMBS.first} is answered without confidence at the first step, one in ${CLIMBS.second} of those at the second.`,
    ],
  );
}
