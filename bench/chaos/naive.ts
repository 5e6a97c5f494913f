import { startGeminiSimulator } from '../../local/gemini/server.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { TIME_SCALE } from './environment.ts';
import { bytesOf } from './population.ts';
import { WEATHER } from './storm.ts';

interface NaiveRun {
  images: number;
  succeeded: number;
  /** Share of 1. */
  success: number;
  calls: number;
}

/** What a script waits after its first, second, ... failure. Milliseconds, before scaling. */
const BACKOFF_MS = [4_000, 8_000, 16_000, 32_000, 60_000];

/** A script that nobody gave a deadline still stands under the one of its HTTP client. Milliseconds, before scaling. */
const CLIENT_TIMEOUT_MS = 60_000;

const LANES = 16;
const MODEL = 'gemini-3.5-flash-lite';

/**
 * The script that most people begin with: the original picture, the model's answer as JSON, no event, no state. It meets
 * the same model in the same weather, but none of the storms.
 */
export async function naiveRun(images: number, seed: number, backoff: boolean): Promise<NaiveRun> {
  const model = await startGeminiSimulator({ random: seededRandom(seed), behavior: WEATHER });
  const waits = backoff ? BACKOFF_MS : [];
  let succeeded = 0;
  let calls = 0;
  let next = 0;
  const lane = async () => {
    while (next < images) {
      const index = next;
      next += 1;
      const bytes = await bytesOf({ width: 40 + (index % 120), height: 40 + Math.floor(index / 120) });
      for (const wait of [...waits, undefined]) {
        calls += 1;
        if (await ask(model.url, bytes)) {
          succeeded += 1;
          break;
        }
        if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait * TIME_SCALE));
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await model.close();
  return { images, succeeded, success: succeeded / images, calls };
}

async function ask(url: string, bytes: Buffer): Promise<boolean> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), CLIENT_TIMEOUT_MS * TIME_SCALE);
  try {
    const response = await fetch(`${url}/v1beta/models/${MODEL}:generateContent?key=local`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        contents: [
          {
            role: 'user',
            parts: [
              { inlineData: { mimeType: 'image/jpeg', data: bytes.toString('base64') } },
              { text: 'Describe the picture as JSON.' },
            ],
          },
        ],
        generationConfig: {
          responseMimeType: 'application/json',
          responseSchema: { type: 'OBJECT', properties: { caption: { type: 'STRING' } } },
        },
      }),
      signal: controller.signal,
    });
    const reply = (await response.json()) as {
      candidates?: { content?: { parts?: { text?: string }[] } }[];
    };
    JSON.parse(reply.candidates?.[0]?.content?.parts?.[0]?.text ?? '');
    return response.ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
