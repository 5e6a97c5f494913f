import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { delay } from '../../shared/base/resilience/delay.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import {
  DeveloperContextApi,
  type DeveloperContextOptions,
  type StoredContext,
} from '../../shared/model/context-cache/cache-api.ts';
import { decideOnContext } from '../../shared/model/context-cache/cache-cost.ts';
import { ContextCaches } from '../../shared/model/context-cache/caches.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { AskModel, ModelRequest, PromptPrefix } from '../../shared/model/request.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { LateRecords } from '../../shared/money/late-records.ts';
import { costReport } from '../../shared/money/report.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createReserveForCache } from '../../shared/money/spending.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { picture } from '../support/pipeline.ts';
import { reference } from '../support/references.ts';

const MODEL = 'gemini-3.5-flash-lite';
const AT = Date.parse('2026-11-20T12:00:00Z');
const prices = new PriceList();

describe('a context cache of 5,000 tokens', () => {
  it('pays from the fifth call of an hour on, by its arithmetic', () => {
    // An hour costs 5,000 x (0.30 read + 1.00 stored); each call saves 5,000 x (0.30 - 0.03).
    expect(decideOnContext(prices, MODEL, 5_000, 4, AT)).toMatchObject({
      use: false,
      uncachedPerHour: 6_000_000,
    });
    expect(decideOnContext(prices, MODEL, 5_000, 5, AT)).toMatchObject({
      use: true,
      uncachedPerHour: 7_500_000,
      cachedPerHour: 7_250_000,
      because: '5 calls an hour, it pays from 5 on',
    });
  });

  it('never pays for instructions that are too short, nor for a model without a price for cached tokens', () => {
    expect(decideOnContext(prices, MODEL, 4_095, 1_000, AT)).toMatchObject({
      use: false,
      because: expect.stringContaining('4096'),
    });
    expect(decideOnContext(prices, 'gemini-4-carbon', 5_000, 1_000, Date.parse('2026-12-02'))).toMatchObject({
      use: false,
    });
  });
});

/** Nano-dollars for a new cache of this many tokens: read once, and stored for an hour. */
const costOfNew = (tokens: number): number => tokens * (300 + 1_000);
const LONG = 'The catalog of a big house. '.repeat(750);
const LONG_TOKENS = 5_250;
const signal = new AbortController().signal;
const quiet = () => undefined;

let firestore: FirestoreServer;
let gemini: GeminiSimulator;
let documents: Documents;
let said: { event: string; facts: unknown }[];
const host = process.env['FIRESTORE_EMULATOR_HOST'];

/** For a busy machine. Milliseconds. */
const PATIENT = { projectId: 'local', attemptMs: 30_000, overallMs: 60_000 };

beforeAll(async () => {
  // The first call takes the time of loading the client.
  const server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  const first = new Documents(PATIENT);
  await first.get('results/none');
  await first.close();
  await server.close();
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  firestore = await startFirestoreServer({ port: 0 });
  // By the clock that a test may turn.
  gemini = await startGeminiSimulator({ now: () => Date.now() });
  process.env['FIRESTORE_EMULATOR_HOST'] = firestore.host;
  documents = new Documents(PATIENT);
  said = [];
});
afterEach(async () => {
  vi.useRealTimers();
  if (host === undefined) delete process.env['FIRESTORE_EMULATOR_HOST'];
  else process.env['FIRESTORE_EMULATOR_HOST'] = host;
  await documents.close();
  await Promise.all([gemini.close(), firestore.close()]);
});

const log = {
  info: (event: string, facts?: unknown) => void said.push({ event, facts }),
  warn: (event: string, facts?: unknown) => void said.push({ event, facts }),
  error: quiet,
};
const heard = (event: string): unknown[] =>
  said.filter((one) => one.event === event).map(({ facts }) => facts);

/** The API over a line on which making and renewing a cache takes this many milliseconds longer. */
class SlowContextApi extends DeveloperContextApi {
  readonly #moreMs: number;

  constructor(access: DeveloperContextOptions, moreMs: number) {
    super(access);
    this.#moreMs = moreMs;
  }

  override async create(contents: PromptPrefix, ttlMs: number): Promise<StoredContext> {
    if (this.#moreMs > 0) await delay(this.#moreMs);
    return super.create(contents, ttlMs);
  }

  override async extend(name: string, ttlMs: number): Promise<StoredContext> {
    if (this.#moreMs > 0) await delay(this.#moreMs);
    return super.extend(name, ttlMs);
  }
}

let instances = 0;

/** One instance of the function, as far as context caches and their money go. */
function instance(daily: number | null = null, slowMs = 0): { ask: AskModel; dayBudgets: DayBudgets } {
  instances += 1;
  const owner = `instance-${instances}`;
  const limits = { daily, uploaderDaily: null, uploaders: {}, profiles: {} };
  const dayBudgets = new DayBudgets(documents, new BudgetLimits(documents, limits, { cacheMs: 0, log }), {
    ...{ owner, holdMs: 60_000, waitMs: 5_000, uploaderAction: 'refuse' },
  });
  const access = { apiKey: 'test', baseUrl: gemini.url };
  const hold = createReserveForCache(dayBudgets, new SpendLog(owner), new LateRecords(documents, log));
  const caches = new ContextCaches(new SlowContextApi(access, slowMs), documents, prices, log, hold);
  return { ask: caches.around(createDeveloperApi(access)), dayBudgets };
}

async function request(instructions: string, more: Partial<ModelRequest> = {}): Promise<ModelRequest> {
  const base64 = (await picture(1)).toString('base64');
  return {
    model: MODEL,
    step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 500 },
    instructions,
    prompt: 'Say yes.',
    responseSchema: { type: 'OBJECT', properties: { yes: { type: 'BOOLEAN' } }, required: ['yes'] },
    image: { mimeType: 'image/jpeg', base64 },
    ...more,
  };
}

async function cachedTokens(ask: AskModel, asked: ModelRequest, calls: number): Promise<number[]> {
  const cached: number[] = [];
  for (let i = 0; i < calls; i += 1) cached.push((await ask(asked, signal)).usage?.cached ?? -1);
  return cached;
}

const cachesMade = () => gemini.calls().filter(({ action }) => action === 'cachedContents').length;
const booked = async (): Promise<number> => {
  const today = dayOf(Date.now());
  return Math.round((await costReport(documents, today, today)).total.usd * 1e9);
};
/** What the simulator bills for caches themselves. */
const billedForCaches = (): number =>
  Object.values(gemini.bill().contexts).reduce(
    (sum, { made, tokenHours }) => sum + made * 300 + Math.round(tokenHours * 1_000),
    0,
  );

describe('long instructions', () => {
  it('are cached by one instance, used by all, and billed at a tenth', async () => {
    const [one, other] = [instance(), instance()];
    const asked = await request(LONG);
    expect(await cachedTokens(one.ask, asked, 6)).toEqual([0, 0, 0, 0, LONG_TOKENS, LONG_TOKENS]);
    expect(await cachedTokens(other.ask, asked, 5)).toEqual([0, 0, 0, 0, LONG_TOKENS]);
    expect(cachesMade()).toBe(1);
    expect(await booked()).toBe(costOfNew(LONG_TOKENS));
    expect(heard('context.decided').slice(0, 2)).toMatchObject([
      { use: false, because: '1 calls an hour, it pays from 5 on' },
      { use: true, because: expect.stringContaining('it pays from 5 on') },
    ]);
  });

  it('are sent as always when the cache has gone, and nobody waits for a new one', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    expect((await cachedTokens(ask, asked, 5)).at(-1)).toBe(LONG_TOKENS);
    gemini.reset();
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect(cachesMade()).toBe(0);
  });

  it('stay cached when a call fails with the cache and without it: the picture was not readable', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    await cachedTokens(ask, asked, 5);
    const unreadable = { mimeType: 'image/jpeg', base64: 'bm8gcGljdHVyZQ==' };
    await expect(ask({ ...asked, image: unreadable }, signal)).rejects.toMatchObject({
      code: 'MODEL_REJECTED_REQUEST',
    });
    expect(heard('context.refused')).toEqual([]);
    expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });

  it('are sent as always while the API takes long to make their cache, and cached once it has', async () => {
    const { ask } = instance(null, 2_500);
    const asked = await request(LONG);
    await cachedTokens(ask, asked, 4);
    const startedAt = Date.now();
    expect(await cachedTokens(ask, asked, 1)).toEqual([0]);
    const waited = Date.now() - startedAt;
    expect(waited).toBeLessThan(1_800);
    expect(await cachedTokens(ask, asked, 1)).toEqual([0]);
    // Nobody waits again for the same preparation.
    expect(Date.now() - startedAt - waited).toBeLessThan(800);
    await vi.waitFor(async () => expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]), 60_000);
    expect(cachesMade()).toBe(1);
  });

  it('that are short are never cached', async () => {
    const { ask } = instance();
    expect(await cachedTokens(ask, await request('Be brief.'), 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cachesMade()).toBe(0);
  });
});

describe('reference pictures', () => {
  const references = () => Promise.all([1, 2, 3, 4].map((seed) => reference(seed)));
  const step = { mediaResolution: 'HIGH', thinkingLevel: 'minimal', maxOutputTokens: 500 } as const;
  /** 4:3 at HIGH. */
  const IMAGE_TOKENS = 4 * 1_064;

  it('count as long instructions do, by the tokens of their resolution, and are cached with them', async () => {
    const { ask } = instance();
    const asked = await request('Be brief.', { step, references: await references() });
    const plain = await ask(asked, signal);
    await cachedTokens(ask, asked, 3);
    const cached = await ask(asked, signal);
    expect(plain.usage).toMatchObject({ cached: 0, image: IMAGE_TOKENS + 1_064 });
    expect(cached.usage).toMatchObject({ image: IMAGE_TOKENS + 1_064, prompt: plain.usage?.prompt });
    expect(cached.usage?.cached).toBeGreaterThan(IMAGE_TOKENS);
    expect(heard('context.decided').at(-1)).toMatchObject({
      ...{ use: true, references: 4, referenceTokens: IMAGE_TOKENS },
      uncachedUsdPerHour: expect.any(Number),
    });
    expect(await booked()).toBe(costOfNew(cached.usage?.cached ?? 0));
  });

  it('at a resolution where they are too few tokens are sent with each call', async () => {
    const { ask } = instance();
    const asked = await request('Be brief.', { references: await references() });
    expect(await cachedTokens(ask, asked, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await ask(asked, signal)).usage).toMatchObject({ image: 5 * 266 });
  });

  it('of another resolution or with a changed picture are another cache', async () => {
    const { ask } = instance();
    const asked = await request(LONG, { step, references: await references() });
    await cachedTokens(ask, asked, 5);
    await cachedTokens(ask, { ...asked, step: { ...step, mediaResolution: 'LOW' } }, 5);
    const [first, ...others] = asked.references ?? [];
    const changed = first ? [await reference(9), ...others] : [];
    await cachedTokens(ask, { ...asked, references: changed }, 5);
    expect(cachesMade()).toBe(3);
  });
});

describe('a context cache', () => {
  it('is not made when the budget of the day does not allow it: nothing is asked, calls go without', async () => {
    const { ask } = instance(costOfNew(LONG_TOKENS));
    // Reserved is twice the estimate, in case the API counts more.
    expect(await cachedTokens(ask, await request(LONG), 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cachesMade()).toBe(0);
    expect(heard('context.refused')).toEqual([
      {
        key: expect.any(String),
        error: expect.stringContaining('The budget of the day ($0.0068) is used up'),
      },
    ]);
    expect(await booked()).toBe(0);
  });

  it('is not made of money that calls under way hold, and does not wait for it', async () => {
    const limit = 2 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    const held = await budget.reserve([1], signal);
    const startedAt = Date.now();
    expect((await cachedTokens(ask, await request(LONG), 5)).at(-1)).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    expect(cachesMade()).toBe(0);
    held.settle(0);
  });

  it('is settled with what it cost: the rest of what was reserved is there for calls again', async () => {
    const limit = 2 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    expect((await cachedTokens(ask, await request(LONG), 5)).at(-1)).toBe(LONG_TOKENS);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    const rest = limit - costOfNew(LONG_TOKENS);
    await expect(budget.reserve([rest + 1], signal)).rejects.toThrow('is used up');
    expect(await budget.reserve([rest], signal)).toMatchObject({ amount: rest });
  });

  it('costs nothing when the API refuses it', async () => {
    const limit = 4 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    // Not a picture: the API takes none of these, no matter who sends them.
    const broken = { ...(await reference(1)), base64: 'bm8gcGljdHVyZQ==' };
    const asked = await request(LONG, { references: [broken] });
    for (let i = 0; i < 6; i += 1) await expect(ask(asked, signal)).rejects.toThrow('not valid');
    expect(cachesMade()).toBe(1);
    expect(heard('context.refused')).toMatchObject([{ error: 'HTTP 400 from cachedContents' }]);
    expect(await booked()).toBe(0);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    expect(await budget.reserve([limit], signal)).toMatchObject({ amount: limit });
  });

  it('that two instances want at once is made and paid for once', async () => {
    const [one, other] = [instance(null, 300), instance(null, 300)];
    const asked = await request(LONG);
    await Promise.all([cachedTokens(one.ask, asked, 4), cachedTokens(other.ask, asked, 4)]);
    const used = await Promise.all([cachedTokens(one.ask, asked, 1), cachedTokens(other.ask, asked, 1)]);
    expect(used).toEqual([[LONG_TOKENS], [LONG_TOKENS]]);
    const headers = { 'x-goog-api-key': 'test' };
    const list = await (await fetch(`${gemini.url}/v1beta/cachedContents`, { headers })).json();
    expect(list).toMatchObject({ cachedContents: [{ model: `models/${MODEL}` }] });
    expect(Object.values(gemini.bill().contexts)).toMatchObject([{ made: LONG_TOKENS }]);
    expect(await booked()).toBe(costOfNew(LONG_TOKENS));
  });

  it('is renewed for the time that is not paid yet, and in all costs what the simulator bills', async () => {
    const { ask } = instance(10 * costOfNew(LONG_TOKENS));
    const asked = await request(LONG);
    const start = Date.parse('2026-11-20T12:00:00Z');
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    await cachedTokens(ask, asked, 5);
    // Calls of the last hour, so that it still pays; at 52 minutes less than ten are left.
    vi.setSystemTime(start + 52 * 60_000);
    expect((await cachedTokens(ask, asked, 1)).at(-1)).toBe(LONG_TOKENS);
    await vi.waitFor(() => expect(heard('context.made')).toHaveLength(2), 60_000);
    await vi.waitFor(async () => expect(await booked()).toBe(billedForCaches()), 60_000);
    const renewal = billedForCaches() - costOfNew(LONG_TOKENS);
    expect(renewal / (LONG_TOKENS * 1_000)).toBeCloseTo(52 / 60, 3);
    expect(heard('context.made')).toMatchObject([{ renewed: false }, { renewed: true }]);
  });

  it('that two instances want to renew at once is renewed and paid for once, and serves both meanwhile', async () => {
    const [one, other] = [instance(null, 300), instance(null, 300)];
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    for (const { ask } of [one, other]) await cachedTokens(ask, asked, 5);
    vi.setSystemTime(AT + 52 * 60_000);
    const used = await Promise.all([one, other].map(({ ask }) => cachedTokens(ask, asked, 1)));
    expect(used).toEqual([[LONG_TOKENS], [LONG_TOKENS]]);
    await delay(1_000);
    expect(heard('context.made')).toMatchObject([{ renewed: false }, { renewed: true }]);
    expect(await booked()).toBe(billedForCaches());
    // Without the renewal it would end too soon to be relied on.
    vi.setSystemTime(AT + 59.5 * 60_000);
    for (const { ask } of [one, other]) expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });

  it('whose renewal an instance did not live to end is renewed by another one soon after', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    await cachedTokens(ask, asked, 5);
    const [record] = await documents.query('contexts', { limit: 1 });
    const now = AT + 52 * 60_000;
    const turn = { by: 'gone', until: new Date(now + 60_000) };
    await documents.merge(`contexts/${record?.id}`, { turn });
    vi.setSystemTime(now);
    expect(await cachedTokens(ask, asked, 2)).toEqual([LONG_TOKENS, LONG_TOKENS]);
    await delay(300);
    expect(heard('context.made')).toHaveLength(1);
    vi.setSystemTime(now + 60_001);
    await vi.waitFor(() => expect(heard('context.made')).toHaveLength(2), 60_000);
  });

  it('that is paid for serves on when there is no money for another hour', async () => {
    const { ask } = instance(2 * costOfNew(LONG_TOKENS));
    const asked = await request(LONG);
    const start = Date.parse('2026-11-20T12:00:00Z');
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    await cachedTokens(ask, asked, 5);
    await documents.merge('control/budget', { dailyUsd: 0.007 });
    vi.setSystemTime(start + 52 * 60_000);
    expect(await cachedTokens(ask, asked, 2)).toEqual([LONG_TOKENS, LONG_TOKENS]);
    await vi.waitFor(() => expect(heard('context.refused')).toHaveLength(1), 60_000);
    expect(heard('context.made')).toHaveLength(1);
    expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });
});
