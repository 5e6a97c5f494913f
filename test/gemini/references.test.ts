import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { copyReferences } from '../../build/deployable.ts';
import { createFallback } from '../../functions/analyze-image/fallback.ts';
import { requestAt } from '../../functions/analyze-image/ladder.ts';
import { composePrompt } from '../../functions/analyze-image/prompt.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { answerKey } from '../../shared/answers/answers.ts';
import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import { createDeveloperApi } from '../../shared/gemini/developer-api.ts';
import type { GenerateContent } from '../../shared/gemini/model.ts';
import { createVertexApi, createVertexContexts } from '../../shared/gemini/vertex-api.ts';
import { PriceBook } from '../../shared/prices/price-book.ts';
import { defineProfile, type Profile } from '../../shared/profiles/define.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import { resultDocument } from '../../shared/results/document.ts';
import { Estimator } from '../../shared/spend/estimate.ts';
import { picture } from '../support/pipeline.ts';
import { reference } from '../support/references.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

const MODEL = 'gemini-3.5-flash-lite';
const signal = new AbortController().signal;

const damage = defineProfile({
  name: 'damage',
  version: 1,
  prompt: 'What is damaged?',
  schema: z.object({ caption: z.string(), confidence: z.number().min(0).max(1) }),
  maxSide: 1024,
  ladder: [
    { models: [MODEL], mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 500 },
    { models: [MODEL], mediaResolution: 'HIGH', thinkingLevel: 'minimal', maxOutputTokens: 500 },
  ],
  minConfidence: 0,
  cacheTtlHours: 1,
  references: [
    { file: 'damage/dent.jpg', caption: 'A dent.' },
    { file: 'damage/tear.png', caption: 'A tear.' },
  ],
});

let folder: string;
let gemini: GeminiSimulator;
let tokens: TokenServer;

const store = async (file: string, bytes: Buffer | string): Promise<void> => {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), bytes);
};
const png = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'references-')), 'references');
  gemini = await startGeminiSimulator();
  tokens = await startTokenServer();
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([gemini.close(), tokens.close(), rm(dirname(folder), { recursive: true })]);
});
beforeEach(async () => {
  gemini.reset();
  await store('damage/dent.jpg', await picture(1, 64, 48));
  await store('damage/tear.png', await png(30, 60));
});

const load = (profile: Profile = damage) => loadReferences([profile], folder)(profile);
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
const developer = (baseUrl: string): GenerateContent => createDeveloperApi({ apiKey: 'key', baseUrl });
const vertex = (baseUrl: string): GenerateContent =>
  createVertexApi({ project: 'my-project', location: 'global', baseUrl });

/** The parts of the first turn that a call sends. */
async function partsSentBy(api: (baseUrl: string) => GenerateContent): Promise<object[]> {
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
    const book = new PriceBook();
    const asked = await question();
    const { references: _, ...without } = asked;
    const size = { width: 320, height: 240 };
    const [full, bare] = [asked, without].map((one) =>
      new Estimator(book).estimate('damage', one, size, Date.now()),
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
      { info: () => undefined, warn: () => undefined, error: () => undefined },
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
  const keyOf = (profile: Profile = damage) => answerKey('sha', profile, load(profile));

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

describe('a reference picture that cannot be used', () => {
  it.each<[string, () => Promise<Buffer | string | undefined>, string]>([
    ['is missing', async () => undefined, 'there is no such file in shared/profiles/references'],
    ['is no picture', async () => 'not a picture at all', 'it is neither a JPEG nor a PNG picture'],
    ['is empty', async () => '', 'it is neither a JPEG nor a PNG picture'],
    ['is a cut-off JPEG', async () => (await picture(1)).subarray(0, -40), 'it is cut off'],
    ['is a cut-off PNG', async () => (await png(9, 9)).subarray(0, -4), 'it is cut off'],
    ['is only the start of a JPEG', async () => (await picture(1)).subarray(0, 12), 'it is cut off'],
    ['is too large', async () => Buffer.alloc(1_000_001), 'it has 1000001 bytes, at most 1000000'],
    [
      'says where it was taken',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } })
          .withExif({ IFD0: { Copyright: 'x' } })
          .jpeg()
          .toBuffer(),
      'it holds EXIF data',
    ],
  ])('because it %s ends the start with its profile and file', async (_, bytes, sentence) => {
    const content = await bytes();
    await rm(join(folder, 'damage/dent.jpg'));
    if (content !== undefined) await store('damage/dent.jpg', content);
    expect(() => load()).toThrow(`profile damage, damage/dent.jpg: ${sentence}`);
  });

  it('is told together with the others', async () => {
    await rm(join(folder, 'damage'), { recursive: true });
    expect(() => load()).toThrow(/dent\.jpg: .*\n.*tear\.png: /);
  });

  it('because all together are too large is an error that names the profile', async () => {
    const files = Array.from({ length: 5 }, (_, i) => `damage/${i}.png`);
    const noise = await sharp(
      Buffer.alloc(3 * 540 * 540).map((_, i) => (i * i * 31) >> 3),
      {
        raw: { width: 540, height: 540, channels: 3 },
      },
    )
      .png({ compressionLevel: 0 })
      .toBuffer();
    for (const file of files) await store(file, noise);
    const references = files.map((file) => ({ file, caption: 'Noise.' }));
    expect(() => load({ ...damage, references })).toThrow(/profile damage: .* at most 4000000/);
  });

  it.each([
    [{ file: '../secret.png', caption: 'x' }, 'must be a .jpg or .png below shared/profiles/references'],
    [{ file: 'a.gif', caption: 'x' }, 'must be a .jpg or .png'],
    [{ file: 'a.png', caption: ' ' }, 'needs a caption'],
  ])('as %j is refused when the profile is loaded', (one, sentence) => {
    expect(() => defineProfile({ ...damage, references: [one] })).toThrow(sentence);
  });
});

describe('a bundled function', () => {
  it('finds the reference pictures beside it, where the build copies them', async () => {
    const out = await mkdtemp(join(tmpdir(), 'bundled-'));
    const project = join(import.meta.dirname, '../..');
    await build({
      stdin: {
        contents: `import { loadReferences } from './shared/profiles/references.ts';
          const profile = { name: 'damage', references: [{ file: 'damage/dent.jpg', caption: 'A dent.' }] };
          console.log(loadReferences([profile])(profile)[0].width);`,
        resolveDir: project,
      },
      ...{ bundle: true, platform: 'node', format: 'esm', outfile: join(out, 'index.mjs') },
    });
    await copyReferences(folder, out);
    expect((await readdir(out)).sort()).toEqual(['index.mjs', 'references']);
    const { stdout } = await promisify(execFile)(process.execPath, [join(out, 'index.mjs')]);
    await rm(out, { recursive: true });
    expect(stdout.trim()).toBe('64');
  });
});
