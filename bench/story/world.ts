import { GeminiError } from '../../local/gemini/errors.ts';
import { httpFault } from '../../local/gemini/http-faults.ts';
import { wait } from './virtual-clock.ts';

/** Everything that is assumed; printed beside the figures. */
export const WORLD = {
  /** Gemini's time for one answer. */
  serviceMs: 1_830,
  /** How soon it refuses. */
  refusalMs: 60,
  /** Share of calls answered 429. */
  quotaShare: 0.13,
  /** Share of calls answered 503. */
  serverErrorShare: 0.02,
  /** Share of originals that are 16 MB: over the limit as base64. */
  hugeShare: 0.03,
  hugeBytes: 16_000_000,
  /** The API's when the published figures were taken; Vertex AI's for flex still. 100 MB elsewhere since January 2026. */
  requestLimitBytes: 20 * 1024 * 1024,
  /** Headers, prompt and schema of a request. */
  overheadBytes: 2_500,
  promptTokens: 300,
  outputTokens: 250,
  /** Pictures in work at once, by every contender. */
  workers: 2,
  /** An answer later than this is too late, from the moment the picture is taken up. */
  deadlineMs: 60_000,
  /**
   * Time to prepare a 12 MP photo as noisy as these: Pillow's (bench resize, white noise, CPU, 2026-11-20) and ours, 2.5 times
   * less (2026-11-29, faithful) and a second encode of 8 for the target in bytes.
   */
  pillowMs: 181,
  ourResizeMs: 80,
  /** Storage, database and bus around our two functions (bench pipeline, p50 of 75 less 37 for the resize). */
  pipelineMs: 38,
} as const;

/** What differs from play to play. */
export interface Conditions {
  /** Of the shared uplink. */
  megabits: number;
  /** What the RetryInfo of a 429 says. */
  retryDelaySeconds: number;
}

/** A way out that all requests share, first come first served. */
export class Uplink {
  readonly conditions: Conditions;
  readonly #bitsPerMs: number;
  #freeAt = 0;

  constructor(conditions: Conditions) {
    this.conditions = conditions;
    this.#bitsPerMs = conditions.megabits * 1_000;
  }

  async send(bytes: number): Promise<void> {
    this.#freeAt = Math.max(Date.now(), this.#freeAt) + (bytes * 8) / this.#bitsPerMs;
    await wait(this.#freeAt - Date.now());
  }
}

/** Bytes of a request with this picture: base64 in JSON. */
export const wireBytes = (pictureBytes: number): number =>
  Math.ceil(pictureBytes / 3) * 4 + WORLD.overheadBytes;

/** One call: the picture goes out, then an answer or a refusal comes. Throws GeminiError with the recorded bodies. */
export async function callGemini(uplink: Uplink, pictureBytes: number, random: () => number): Promise<void> {
  const bytes = wireBytes(pictureBytes);
  await uplink.send(bytes);
  const drawn = random();
  if (bytes > WORLD.requestLimitBytes) throw await refused('tooLarge413', uplink);
  if (drawn < WORLD.quotaShare) throw await refused('quota429', uplink);
  if (drawn < WORLD.quotaShare + WORLD.serverErrorShare) throw await refused('server503', uplink);
  await wait(WORLD.serviceMs);
}

async function refused(
  fault: 'tooLarge413' | 'quota429' | 'server503',
  { conditions }: Uplink,
): Promise<GeminiError> {
  await wait(WORLD.refusalMs);
  return httpFault(fault, 'gemini-3.5-flash-lite', conditions.retryDelaySeconds);
}

export const isTransient = (error: unknown): boolean =>
  error instanceof GeminiError && (error.httpStatus === 429 || error.httpStatus >= 500);
