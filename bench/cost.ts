import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type LocalCloud, startLocalCloud } from '../local/cloud.ts';
import type { BilledTokens } from '../local/gemini/bill.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../local/gemini/server.ts';
import { UPLOADS_BUCKET } from '../local/topology.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { Buckets } from '../shared/cloud/storage/buckets.ts';
import { costReport } from '../shared/money/report.ts';
import { PriceList } from '../shared/prices/price-list.ts';
import { dayOf, nanosOf, usdOf } from '../shared/prices/units.ts';
import { resultDocument } from '../shared/results/document.ts';
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
}

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
  const runs = [first, ladder, repeated];
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
  { climbs }: { climbs: boolean },
): Promise<Measured> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-cost-'));
  const simulator = await startGeminiSimulator();
  const cloud = await startLocalCloud({
    dataDir,
    functions: ['resize-image', 'analyze-image'],
    model: { kind: 'running', url: simulator.url },
    env: { DAILY_BUDGET_USD: '100' },
  });
  Object.assign(process.env, cloud.clientEnv);
  const documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
  try {
    simulator.behave({ script: scriptOf(pictures.length, climbs) });
    const names = await upload(pictures, cloud);
    const { reads, writes } = cloud.firestore.operations();
    const results = await Promise.all(
      names.map(async (name) => {
        const stored = await documents.get(`results/${resultId({ bucket: UPLOADS_BUCKET, name })}`);
        return resultDocument.parse(stored?.data);
      }),
    );
    const unfinished = results.filter(({ status }) => status !== 'completed');
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
    };
  } finally {
    await documents.close();
    await cloud.close();
    await simulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Resolves when nothing is under way any more; no listener, which would count as reads. */
async function upload(pictures: readonly Buffer[], cloud: LocalCloud): Promise<string[]> {
  const buckets = new Buckets();
  const names = pictures.map((_, i) => `inventory/${i}.jpg`);
  for (const [i, name] of names.entries()) {
    const bytes = pictures[i];
    if (bytes) await buckets.create({ bucket: UPLOADS_BUCKET, name }, bytes, { contentType: 'image/jpeg' });
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
  return Object.entries(simulator.bill().byModel).reduce(
    (sum, [version, tokens]) => sum + priceOf(prices, version, tokens),
    0,
  );
}

const priceOf = (prices: PriceList, version: string, tokens: BilledTokens): number =>
  prices.costOf({
    version,
    requested: version,
    usage: { ...tokens, output: tokens.candidates },
    atMs: Date.now(),
  }).nanos;
