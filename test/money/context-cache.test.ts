import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { ContextApi } from '../../shared/gemini/context-api.ts';
import { ContextCaches } from '../../shared/gemini/context-caches.ts';
import { decideOnContext } from '../../shared/gemini/context-economics.ts';
import { createDeveloperApi } from '../../shared/gemini/developer-api.ts';
import type { GenerateContent, ModelRequest } from '../../shared/gemini/model.ts';
import { PriceBook } from '../../shared/prices/price-book.ts';
import { picture } from '../support/pipeline.ts';

const MODEL = 'gemini-3.5-flash-lite';
const AT = Date.parse('2026-11-20T12:00:00Z');
const book = new PriceBook();

describe('a context cache of 5,000 tokens', () => {
  it('pays from the fifth call of an hour on, by its arithmetic', () => {
    // An hour costs 5,000 x (0.30 read + 1.00 stored); each call saves 5,000 x (0.30 - 0.03).
    expect(decideOnContext(book, MODEL, 5_000, 4, AT)).toMatchObject({
      use: false,
      uncachedPerHour: 6_000_000,
    });
    expect(decideOnContext(book, MODEL, 5_000, 5, AT)).toMatchObject({
      use: true,
      uncachedPerHour: 7_500_000,
      cachedPerHour: 7_250_000,
      because: '5 calls an hour, it pays from 5 on',
    });
  });

  it('never pays for instructions that are too short, nor for a model without a price for cached tokens', () => {
    expect(decideOnContext(book, MODEL, 4_095, 1_000, AT)).toMatchObject({
      use: false,
      because: expect.stringContaining('4096'),
    });
    expect(decideOnContext(book, 'gemini-4-argon', 5_000, 1_000, Date.parse('2026-12-02'))).toMatchObject({
      use: false,
    });
  });
});

describe('long instructions', () => {
  let firestore: FirestoreServer;
  let gemini: GeminiSimulator;
  let documents: Documents;
  let paid: number[];
  let decisions: unknown[];
  const host = process.env['FIRESTORE_EMULATOR_HOST'];

  beforeEach(async () => {
    firestore = await startFirestoreServer({ port: 0 });
    gemini = await startGeminiSimulator();
    process.env['FIRESTORE_EMULATOR_HOST'] = firestore.host;
    documents = new Documents({ projectId: 'local' });
    paid = [];
    decisions = [];
  });
  afterEach(async () => {
    if (host === undefined) delete process.env['FIRESTORE_EMULATOR_HOST'];
    else process.env['FIRESTORE_EMULATOR_HOST'] = host;
    await documents.close();
    await Promise.all([gemini.close(), firestore.close()]);
  });

  /** One instance of the function, as far as context caches go. */
  function instance(): GenerateContent {
    const access = { apiKey: 'test', baseUrl: gemini.url };
    const quiet = () => undefined;
    const log = {
      info: (_: string, facts?: unknown) => void decisions.push(facts),
      warn: quiet,
      error: quiet,
    };
    const pay = async (_: string, nanos: number) => void paid.push(nanos);
    return new ContextCaches(new ContextApi(access), documents, book, log, pay).around(
      createDeveloperApi(access),
    );
  }

  async function request(instructions: string): Promise<ModelRequest> {
    const base64 = (await picture(1)).toString('base64');
    return {
      model: MODEL,
      step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 500 },
      instructions,
      prompt: 'Say yes.',
      responseSchema: { type: 'OBJECT', properties: { yes: { type: 'BOOLEAN' } }, required: ['yes'] },
      image: { mimeType: 'image/jpeg', base64 },
    };
  }
  const LONG = 'The catalogue of the house. '.repeat(750);
  const signal = new AbortController().signal;
  async function cachedTokens(ask: GenerateContent, asked: ModelRequest, calls: number): Promise<number[]> {
    const cached: number[] = [];
    for (let i = 0; i < calls; i += 1) cached.push((await ask(asked, signal)).usage?.cached ?? -1);
    return cached;
  }
  const cachesMade = () => gemini.calls().filter(({ action }) => action === 'cachedContents').length;

  it('are cached by one instance, used by all, and billed at a tenth', async () => {
    const [one, other] = [instance(), instance()];
    const asked = await request(LONG);
    expect(await cachedTokens(one, asked, 6)).toEqual([0, 0, 0, 0, 5_250, 5_250]);
    expect(await cachedTokens(other, asked, 5)).toEqual([0, 0, 0, 0, 5_250]);
    expect(cachesMade()).toBe(1);
    expect(paid).toEqual([5_250 * (1_000 + 300)]);
    expect(decisions[0]).toMatchObject({ use: false, because: '1 calls an hour, it pays from 5 on' });
    expect(decisions[1]).toMatchObject({ use: true, because: expect.stringContaining('it pays from 5 on') });
  });

  it('are sent as always when the cache has gone, and nobody waits for a new one', async () => {
    const ask = instance();
    const asked = await request(LONG);
    expect((await cachedTokens(ask, asked, 5)).at(-1)).toBe(5_250);
    gemini.reset();
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect((await ask(asked, signal)).usage).toMatchObject({ cached: 0 });
    expect(cachesMade()).toBe(0);
  });

  it('that are short are never cached', async () => {
    const ask = instance();
    expect(await cachedTokens(ask, await request('Be brief.'), 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cachesMade()).toBe(0);
  });
});
