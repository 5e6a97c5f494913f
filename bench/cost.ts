import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type LocalCloud, startLocalCloud } from '../local/cloud.ts';
import type { BilledTokens } from '../local/gemini/bill.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../local/gemini/server.ts';
import { UPLOADS_BUCKET } from '../local/topology.ts';
import { delay } from '../shared/base/resilience/delay.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { Buckets } from '../shared/cloud/storage/buckets.ts';
import { DECISION_MODEL } from '../shared/model/gemini/decisions.ts';
import { costReport } from '../shared/money/report.ts';
import type { Lane } from '../shared/prices/lanes.ts';
import { PriceList } from '../shared/prices/price-list.ts';
import { dayOf, nanosOf, usdOf } from '../shared/prices/units.ts';
import { PROFILES_FOLDER } from '../shared/profiles/folder.ts';
import { BatchJobs } from '../shared/results/batches/jobs.ts';
import { type ResultDocument, resultDocument } from '../shared/results/document.ts';
import { resultId } from '../shared/results/id.ts';
import { builtIn } from '../test/support/built-in.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

const inventory = builtIn('inventory');

const TOP_MODEL = 'gemini-3.8-flash';
/** About 250 tokens, as in the worked costs that the goals come from. */
const ITEMS_PER_SHELF = 16;
/** Of this many pictures, one is not read with confidence at the first step; of this many of those, one at the second. */
const CLIMBS = { first: 10, second: 5 };

interface Measured {
  usdPer1000: number;
  settledNanos: number;
  billedNanos: number;
  bookedNanos: number;
  climbRate: number;
  operationsPerImage: number;
  /** Of the calls, those that the standard lane served. */
  standardShare: number;
}

interface RunOptions {
  climbs: boolean;
  lane?: Lane;
  /** Of the functions. */
  env?: Record<string, string>;
  behavior?: Parameters<GeminiSimulator['behave']>[0];
}

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
  const runs = [first, ladder, repeated, flex, crowded, batch, batches, gated];
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

/** A 12 MP original asked about once by the dearer model, with the same prompt. */
async function naively(pictures: readonly Buffer[]): Promise<number> {
  const simulator = await startGeminiSimulator();
  try {
    const [{ maxOutputTokens }] = inventory.ladder;
    for (const [i, picture] of pictures.entries()) {
      simulator.behave({ script: [{ json: shelf(i, 0.9) }] });
      const response = await fetch(`${simulator.url}/v1beta/models/${TOP_MODEL}:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': 'bench' },
        body: JSON.stringify({
          contents: [
            {
              role: 'user',
              parts: [
                { inlineData: { mimeType: 'image/jpeg', data: picture.toString('base64') } },
                { text: inventory.prompt },
              ],
            },
          ],
          generationConfig: { maxOutputTokens: maxOutputTokens * 4, responseMimeType: 'application/json' },
        }),
      });
      if (!response.ok)
        throw new Error(`The simulator answered ${response.status}: ${await response.text()}`);
    }
    return (usdOf(billed(simulator)) / pictures.length) * 1000;
  } finally {
    await simulator.close();
  }
}

async function throughPipeline(
  pictures: readonly Buffer[],
  { climbs, lane, env = {}, behavior = {} }: RunOptions,
): Promise<Measured> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-cost-'));
  const simulator = await startGeminiSimulator();
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['resize-image', 'analyze-image', ...(lane === 'batch' ? (['batch'] as const) : [])],
    batchEveryMs: 0,
    model: { kind: 'running', url: simulator.url },
    env: { DAILY_BUDGET_USD: '100' },
    functionEnv: {
      'resize-image': env,
      'analyze-image': env,
      batch: { BATCH_COLLECT_MS: '0', BATCH_POLL_MS: '10' },
    },
  });
  Object.assign(process.env, cloud.clientEnv);
  const documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
  try {
    const answers = lane === 'batch' ? roundsOf(pictures.length, climbs) : scriptOf(pictures.length, climbs);
    simulator.behave({ ...behavior, script: [...(behavior.script ?? []), ...answers] });
    const names = await upload(pictures, cloud, lane);
    if (lane === 'batch') await runBatches(cloud, documents);
    const { reads, writes } = cloud.firestore.operations();
    const results = await Promise.all(
      names.map(async (name) => {
        const stored = await documents.get(`results/${resultId({ bucket: UPLOADS_BUCKET, name })}`);
        return resultDocument.parse(stored?.data);
      }),
    );
    const isOver = ({ status, failure }: ResultDocument) =>
      status === 'completed' || failure?.code === 'NOT_SUITABLE';
    const unfinished = results.filter((document) => !isOver(document));
    if (unfinished.length > 0)
      throw new Error(
        `${unfinished.length} pictures were not completed: ${JSON.stringify(unfinished[0]?.failure)}`,
      );
    const today = dayOf(Date.now());
    const spendLog = await costReport(documents, today, today);
    const settledNanos = results.reduce((sum, { cost }) => sum + nanosOf(cost?.usd ?? 0), 0);
    const calls = results.reduce(
      (sum, { attempts }) => sum + attempts.filter((row) => row.outcome !== 'cache').length,
      0,
    );
    const asked = results.filter(({ attempts }) => attempts.some((row) => row.outcome !== 'cache')).length;
    return {
      usdPer1000: (usdOf(settledNanos) / pictures.length) * 1000,
      settledNanos,
      billedNanos: billed(simulator),
      bookedNanos: nanosOf(spendLog.total.usd),
      climbRate: calls / asked - 1,
      operationsPerImage: (reads + writes) / pictures.length,
      standardShare: standardShare(results),
    };
  } finally {
    await documents.close();
    await cloud.close();
    await simulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Resolves when nothing is under way any more; no listener, which would count as reads. */
async function upload(
  pictures: readonly Buffer[],
  cloud: LocalCloud,
  lane: Lane | undefined,
): Promise<string[]> {
  const buckets = new Buckets();
  const names = pictures.map((_, i) => `inventory/${i}.jpg`);
  for (const [i, name] of names.entries()) {
    const bytes = pictures[i];
    const options = { contentType: 'image/jpeg', metadata: lane === undefined ? {} : { lane } };
    if (bytes) await buckets.create({ bucket: UPLOADS_BUCKET, name }, bytes, options);
  }
  await cloud.pubsub.idle();
  return names;
}

/** Answers per model: calls of the small model go down the list in order, whichever picture they are about. */
function scriptOf(count: number, climbs: boolean) {
  const small = 'gemini-3.5-flash-lite';
  const answers = Array.from({ length: count }, (_, i) => {
    const unsure = climbs && i % CLIMBS.first === 0;
    const still = unsure && i % (CLIMBS.first * CLIMBS.second) === 0;
    return [
      { model: small, json: shelf(i, unsure ? 0.2 : 0.9) },
      ...(unsure ? [{ model: small, json: shelf(i, still ? 0.3 : 0.9) }] : []),
      ...(still ? [{ model: TOP_MODEL, json: shelf(i, 0.9) }] : []),
    ];
  }).flat();
  return [...answers, { json: shelf(0, 0.9), times: 1_000_000 }];
}

/** The same for batches, which ask about all pictures before they climb with any. */
function roundsOf(count: number, climbs: boolean) {
  const small = 'gemini-3.5-flash-lite';
  const seeds = Array.from({ length: count }, (_, i) => i);
  const unsure = climbs ? seeds.filter((i) => i % CLIMBS.first === 0) : [];
  const still = unsure.filter((i) => i % (CLIMBS.first * CLIMBS.second) === 0);
  return [
    ...seeds.map((i) => ({ model: small, json: shelf(i, unsure.includes(i) ? 0.2 : 0.9) })),
    ...unsure.map((i) => ({ model: small, json: shelf(i, still.includes(i) ? 0.3 : 0.9) })),
    { json: shelf(0, 0.9), times: 1_000_000 },
  ];
}

/** One picture in so many is not what the profile is for. */
const UNSUITABLE = 5;

/** The ladder behind a gate of one question: what is no shelf is refused before its answer is paid. */
async function throughGate(pictures: readonly Buffer[]): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gate-'));
  try {
    await cp(PROFILES_FOLDER, folder, { recursive: true });
    const file = join(folder, 'inventory.yaml');
    const gate = 'gate: [{ ask: Does the picture show a shelf with goods? }]\n';
    await writeFile(file, `${await readFile(file, 'utf8')}\n${gate}`);
    const script = pictures.map((_, i) => ({
      model: DECISION_MODEL,
      json: { q1: i % UNSUITABLE === UNSUITABLE - 1 ? 0.02 : 0.97 },
    }));
    return await throughPipeline(pictures, {
      climbs: true,
      env: { PROFILES_FOLDER: folder },
      behavior: { script },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const RUN_LIMIT = 60;

/** Begins and settles batch jobs until none is left. */
async function runBatches(cloud: LocalCloud, documents: Documents): Promise<void> {
  const jobs = new BatchJobs(documents, { leaseMs: 0 });
  for (let runs = 0; runs < RUN_LIMIT; runs += 1) {
    const response = await fetch(cloud.url('batch'), { method: 'POST', body: '{}' });
    const { waiting, begun } = (await response.json()) as { waiting: number; begun: number };
    if (waiting === 0 && begun === 0 && (await jobs.active()).length === 0) return;
    await delay(200);
  }
  throw new Error('The batch jobs have not come to an end.');
}

function standardShare(results: readonly ResultDocument[]): number {
  const calls = results.flatMap(({ attempts }) => attempts).filter(({ costUsd }) => costUsd !== 0);
  return calls.filter(({ lane }) => lane === undefined).length / Math.max(1, calls.length);
}

const shelf = (seed: number, confidence: number) => ({
  shelfId: `A-${seed % 40}`,
  items: Array.from({ length: ITEMS_PER_SHELF }, (_, i) => ({
    sku: `SKU-${1000 + ((seed * 31 + i * 7) % 9000)}-${i}`,
    quantity: (seed + i) % 48,
    condition: (seed + i) % 9 === 0 ? 'damaged' : 'new',
  })),
  confidence,
});

/** 4:3, small enough to make hundreds of: tokens depend on the shape, not on the pixels. */
const shelfPicture = (seed: number): Promise<Buffer> =>
  sharp({
    create: {
      width: 640,
      height: 480,
      channels: 3,
      background: { r: seed % 256, g: (seed * 7) % 256, b: (seed >> 8) * 40 },
    },
  })
    .jpeg()
    .toBuffer();

function billed(simulator: GeminiSimulator): number {
  const prices = new PriceList();
  return Object.entries(simulator.bill().byTier)
    .flatMap(([tier, byModel]) =>
      Object.entries(byModel).map(([version, tokens]) => priceOf(prices, version, tokens, tier as Lane)),
    )
    .reduce((sum, nanos) => sum + nanos, 0);
}

const priceOf = (prices: PriceList, version: string, tokens: BilledTokens, lane: Lane): number =>
  prices.costOf({
    version,
    requested: version,
    usage: { ...tokens, output: tokens.candidates },
    atMs: Date.now(),
    lane,
  }).nanos;
