import { GoogleGenerativeAI } from '@google/generative-ai';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { plainPicture } from './label-pictures.ts';

export const MODEL = 'gemini-3.5-flash-lite';
export const KEY = 'key-1';

/** 2026-11-20 23:59:30 in Los Angeles. */
const ALMOST_MIDNIGHT = Date.UTC(2026, 10, 21, 7, 59, 30);

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: replies are read field by field
  body: any;
}

/** A simulator with a clock in the test's hand. */
export async function startWithClock(): Promise<{ server: GeminiSimulator; clock: { now: number } }> {
  const clock = { now: ALMOST_MIDNIGHT };
  const server = await startGeminiSimulator({
    apiKeys: [KEY],
    now: () => clock.now,
    random: seededRandom(1),
  });
  return { server, clock };
}

/** Plain HTTP, for what the client library would hide. The picture is white, 800 x 600. */
export class RawClient {
  readonly #url: string;
  readonly image: string;

  constructor(url: string, image: string) {
    this.#url = url;
    this.image = image;
  }

  static async to(server: GeminiSimulator): Promise<RawClient> {
    return new RawClient(server.url, (await plainPicture('white', 800, 600)).toString('base64'));
  }

  get picturePart() {
    return { inlineData: { mimeType: 'image/jpeg', data: this.image } };
  }

  async call(path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> {
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}/${path}`, {
      headers: { 'x-goog-api-key': KEY },
      ...post,
      ...init,
    });
    return { status: response.status, body: await response.json() };
  }

  generate(body: unknown, model = MODEL): Promise<Answer> {
    return this.call(`v1beta/models/${model}:generateContent`, body);
  }

  describePicture(more: object = {}, model = MODEL): Promise<Answer> {
    const parts = [this.picturePart, { text: 'Describe the picture.' }];
    return this.generate({ contents: [{ role: 'user', parts }], ...more }, model);
  }
}

/** A JSON answer about a JPEG, through the real client library. */
export async function askAbout<T>(
  server: GeminiSimulator,
  jpeg: Buffer,
  config: Record<string, unknown>,
): Promise<T> {
  const generationConfig = { responseMimeType: 'application/json', ...config };
  const model = new GoogleGenerativeAI(KEY).getGenerativeModel(
    { model: MODEL, generationConfig },
    { baseUrl: server.url },
  );
  const inlineData = { mimeType: 'image/jpeg', data: jpeg.toString('base64') };
  const { response } = await model.generateContent([{ inlineData }, { text: 'Read the picture.' }]);
  return JSON.parse(response.text()) as T;
}
