import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFallback } from '../../functions/analyze-image/fallback.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { silentLog } from '../../shared/base/log.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { createVertexApi, createVertexContexts } from '../../shared/model/gemini/vertex-api.ts';
import { composePrompt, requestAt } from '../../shared/model/prompt.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { resultDocument } from '../../shared/results/document.ts';
import { answerKey } from '../../shared/results/earlier-answers.ts';
import { damage, useReferenceFolder } from '../support/damage-profile.ts';
import { picture } from '../support/pipeline.ts';
import { reference } from '../support/references.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

const signal = new AbortController().signal;

const { store, load } = useReferenceFolder();
let gemini: GeminiSimulator;
let tokens: TokenServer;

beforeAll(async () => {
  gemini = await startGeminiSimulator();
  tokens = await startTokenServer();
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([gemini.close(), tokens.close()]);
});
beforeEach(() => gemini.reset());

const question = async (image?: Buffer, step = damage.ladder[0]) =>
  requestAt(
    {
      prompt: composePrompt(damage, load()),
      image: {
        mimeType: 'image/jpeg',
        base64: (image ?? (await picture(7, 320, 240))).toString('base64'),
      },
    },
    step,
  );
const developer = (baseUrl: string): AskModel => createDeveloperApi({ apiKey: 'key', baseUrl });
const vertex = (baseUrl: string): AskModel =>
  createVertexApi({ project: 'my-project', location: 'global', baseUrl });

/** The parts of the first turn that a call sends. */
async function partsSentBy(api: (baseUrl: string) => AskModel): Promise<object[]> {
  const bodies: string[] = [];
  const answer = { candidates: [{ content: { parts: [{ text: '{}' }] }, finishReason: 'STOP' }] };
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    bodies.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await api(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)(await question(), signal);
  server.close();
  return JSON.parse(bodies[0] ?? '').contents[0].parts;
}

describe('reference pictures', () => {
  it.each([
    ['the Gemini API', developer],
    ['Vertex AI', vertex],
  ])('go to %s before the picture, each with its caption', async (_, api) => {
    const [dent, tear] = load();
    const parts = await partsSentBy(api);
    expect(parts.slice(0, 4)).toEqual([
      { inlineData: { mimeType: 'image/jpeg', data: dent?.base64 } },
      { text: 'Reference picture 1 of 2: A dent.' },
      { inlineData: { mimeType: 'image/png', data: tear?.base64 } },
      {
        text: 'Reference picture 2 of 2: A tear.\nThe reference pictures end here. Answer about the next picture only.',
      },
    ]);
    expect(parts.slice(4)).toEqual([
      { inlineData: { mimeType: 'image/jpeg', data: expect.any(String) } },
      { text: expect.stringContaining('What is damaged?') },
    ]);
  });

  it('are billed as pictures of the step, and the answer is about the picture alone', async () => {
    for (const [step, each] of [266, 1_064].entries()) {
      const { end, usage } = await developer(gemini.url)(
        await question(undefined, damage.ladder[step]),
        signal,
      );
      const upright = step === 0 ? 11 * 23 : 23 * 47;
      expect(usage?.image).toBe(each + upright + each);
      expect(end).toMatchObject({ text: expect.stringContaining('320 x 240 pixels') });
    }
  });

  it('are in the estimate, in what is reserved, and in the price that the bill confirms', async () => {
    const prices = new PriceList();
    const asked = await question();
    const { references: _, ...without } = asked;
    const size = { width: 320, height: 240 };
    const [full, bare] = [asked, without].map((one) =>
      new Estimator(prices).estimate('damage', one, size, Date.now()),
    );
    const pictures = (266 + 11 * 23) * 300;
    expect((full?.expected ?? 0) - (bare?.expected ?? 0)).toBeGreaterThan(pictures);
    expect((full?.worst ?? 0) - (bare?.worst ?? 0)).toBeGreaterThan(pictures * 1.1);
    const { usage } = await developer(gemini.url)(asked, signal);
    const billed = (usage?.prompt ?? 0) * 300 + (usage?.output ?? 0) * 2_500;
    expect(billed).toBeLessThan(full?.worst ?? 0);
  });

  it('are no part of what the local reader is given', async () => {
    const find = createFallback(
      {
        ...{ FALLBACK: 'local-reader', FALLBACK_URL: gemini.url, FALLBACK_API_KEY: 'reader' },
        ...{ FALLBACK_TIMEOUT_MS: 5_000, FALLBACK_RETRY_MS: 60_000 },
      },
      silentLog,
    );
    const prompt = composePrompt(damage, load());
    const { image } = await question();
    const document = resultDocument.partial().parse({}) as ReturnType<typeof resultDocument.parse>;
    const asked = { profile: damage, prompt, image, document };
    await find(new PipelineError('MODEL_OVERLOADED', 'No model.'), asked, signal);
    expect(gemini.calls().map(({ images }) => images?.length)).toEqual([1]);
  });

  it('of Vertex AI come from its context cache as from the other, at the resolution of the step', async () => {
    const access = { project: 'my-project', location: 'europe-west1', baseUrl: gemini.url };
    const contexts = createVertexContexts(access);
    const references = await Promise.all([1, 2, 3, 4].map((seed) => reference(seed)));
    const asked = { ...(await question(undefined, damage.ladder[1])), references };
    const made = await contexts.create(asked, 60_000);
    expect(made.name).toMatch('projects/my-project/locations/europe-west1/cachedContents/');
    expect(made.tokens).toBeGreaterThan(4 * 1_064);
    const plain = await createVertexApi(access)(asked, signal);
    const cached = await createVertexApi(access)({ ...asked, cachedContent: made.name }, signal);
    expect(cached.usage).toMatchObject({ image: plain.usage?.image, cached: made.tokens });
    expect(cached.end).toEqual(plain.end);
    expect((await contexts.extend(made.name, 3_600_000)).expiresAt).toBeGreaterThan(made.expiresAt);
    await contexts.delete(made.name);
    await expect(contexts.extend(made.name, 60_000)).rejects.toThrow('HTTP 403');
  });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the answer of a picture', () => {
  const keyOf = (profile: Profile = damage) => answerKey({ sha256: 'sha' }, profile, load(profile));

  it('is not reused for a picture that was prepared in another way', () => {
    const key = (preparation?: 'faithful' | 'fast', quality?: number) =>
      answerKey({ sha256: 'sha', preparation, quality }, damage, load(damage));
    const keys = [key(), key('faithful', 85), key('fast', 85), key('faithful', 75)];
    expect(new Set(keys).size).toBe(4);
  });

  it('is not reused when a reference picture or a caption has changed', async () => {
    const before = keyOf();
    expect(keyOf()).toBe(before);
    const [first, ...others] = damage.references ?? [];
    expect(
      keyOf({ ...damage, references: [{ file: first?.file ?? '', caption: 'A hole.' }, ...others] }),
    ).not.toBe(before);
    await store('damage/dent.jpg', await picture(2, 64, 48));
    expect(keyOf()).not.toBe(before);
  });

  it('of a profile without reference pictures keeps its key', () => {
    const { references: _, ...plain } = damage;
    const asked = JSON.stringify(['damage', 1, 'What is damaged?', '', damage.ladder, 0, []]);
    expect(keyOf(plain)).toBe(sha256(`sha\n${asked}`).slice(0, 40));
  });
});
