import { afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { delay } from '../../shared/base/resilience/delay.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import {
  DeveloperContextApi,
  type DeveloperContextOptions,
  type StoredContext,
} from '../../shared/model/context-cache/cache-api.ts';
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

export const MODEL = 'gemini-3.5-flash-lite';
const prices = new PriceList();

/** Nano-dollars for a new cache of this many tokens: read once, and stored for an hour. */
export const costOfNew = (tokens: number): number => tokens * (300 + 1_000);
export const LONG = 'The catalog of a big house. '.repeat(750);
export const LONG_TOKENS = 5_250;
export const signal = new AbortController().signal;

/** For a busy machine. Milliseconds. */
const PATIENT = { projectId: 'local', attemptMs: 30_000, overallMs: 60_000 };

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

export async function request(instructions: string, more: Partial<ModelRequest> = {}): Promise<ModelRequest> {
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

export async function cachedTokens(ask: AskModel, asked: ModelRequest, calls: number): Promise<number[]> {
  const cached: number[] = [];
  for (let i = 0; i < calls; i += 1) cached.push((await ask(asked, signal)).usage?.cached ?? -1);
  return cached;
}

/** Each test has an API and a store of its own, by the clock that it may turn. */
export function useContexts() {
  let firestore: FirestoreServer;
  let gemini: GeminiSimulator;
  let documents: Documents;
  let said: { event: string; facts: unknown }[];
  let instances = 0;
  const host = process.env['FIRESTORE_EMULATOR_HOST'];

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
    error: () => undefined,
  };

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

  return {
    instance,
    gemini: () => gemini,
    documents: () => documents,
    heard: (event: string): unknown[] => said.filter((one) => one.event === event).map(({ facts }) => facts),
    cachesMade: () => gemini.calls().filter(({ action }) => action === 'cachedContents').length,
    booked: async (): Promise<number> => {
      const today = dayOf(Date.now());
      return Math.round((await costReport(documents, today, today)).total.usd * 1e9);
    },
    /** What the simulator bills for caches themselves. */
    billedForCaches: (): number =>
      Object.values(gemini.bill().contexts).reduce(
        (sum, { made, tokenHours }) => sum + made * 300 + Math.round(tokenHours * 1_000),
        0,
      ),
  };
}
