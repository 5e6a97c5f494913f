import { GoogleGenerativeAI } from '@google/generative-ai';
import { AdaptiveConcurrency } from '../../shared/base/resilience/adaptive-concurrency.ts';
import { Limiter } from '../../shared/base/resilience/limiter.ts';
import { RollingWindow } from '../../shared/base/resilience/rolling-window.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import { peakMemoryOf } from '../measure.ts';

/**
 * A process with one client: `caller.ts URL IN_FLIGHT CALLS DELAY_MS IMAGE_BYTES SLOTS CLIENT`. Callers start evenly over
 * the delay, so that they do not all encode at once; with SLOTS the limiter lets this many of them call. CLIENT is `sdk` for
 * the vendor's alone. Sends what it measured by ipc.
 */
const [url = '', ...rest] = process.argv.slice(2);
const [inFlight = 1, calls = 1, delayMs = 0, imageBytes = 0, slots = 0] = rest.slice(0, 5).map(Number);
const isSdkAlone = rest[5] === 'sdk';

const INSTRUCTIONS = 'You look at one picture and answer with JSON.';
const PROMPT = 'Describe the picture for someone who cannot see it.';

const WARM_UP_CALLS = 200;
const WARM_UP_LANES = 20;

const call = createDeveloperApi({ apiKey: 'bench', baseUrl: url });
const image = Buffer.alloc(imageBytes, 'a picture that is as large as a prepared photo ');

const limiter = new Limiter({
  concurrency: new AdaptiveConcurrency({
    ceiling: slots || Math.max(inFlight, WARM_UP_LANES),
    coolDownMs: 5_000,
  }),
  // 0 is unlimited.
  requests: new RollingWindow(0, 60_000),
  tokens: new RollingWindow(0, 60_000),
  maxQueue: 1_000,
  isOverload: () => false,
  whenRefused: (reason) => new Error(`The limiter refused: ${reason}.`),
});

const sdk = new GoogleGenerativeAI('bench').getGenerativeModel(
  { model: 'gemini-3.5-flash-lite', systemInstruction: INSTRUCTIONS },
  { baseUrl: url },
);

/** As its documentation shows, without schema, limits or checks. */
async function onceWithSdk(): Promise<void> {
  const { response } = await sdk.generateContent([
    { inlineData: { mimeType: 'image/jpeg', data: image.toString('base64') } },
    { text: PROMPT },
  ]);
  JSON.parse(response.text());
}

async function once(): Promise<number> {
  const started = performance.now();
  await (isSdkAlone ? onceWithSdk() : onceWithOurs());
  return performance.now() - started - delayMs;
}

async function onceWithOurs(): Promise<void> {
  // As the handler does: the bytes come from Storage, the text is made for the call.
  const request: ModelRequest = {
    model: 'gemini-3.5-flash-lite',
    step: { mediaResolution: 'MEDIUM', thinkingLevel: 'minimal', maxOutputTokens: 2048 },
    instructions: INSTRUCTIONS,
    prompt: PROMPT,
    responseSchema: { type: 'OBJECT', properties: { caption: { type: 'STRING' } }, required: ['caption'] },
    image: { mimeType: 'image/jpeg', base64: image.toString('base64') },
  };
  const { signal } = new AbortController();
  const { end } = await limiter.run(1_000, signal, () => call(request, signal));
  if (end.kind !== 'answer') throw new Error(`The endpoint answered ${end.kind}.`);
}

async function round(count: number, lanes: number): Promise<number[]> {
  const added: number[] = [];
  let next = 0;
  const lane = async (index: number) => {
    await new Promise((resolve) => setTimeout(resolve, (delayMs * index) / lanes));
    for (let i = next++; i < count; i = next++) added.push(await once());
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return added;
}

// A warm instance: code compiled, connections open.
await round(Math.max(inFlight, WARM_UP_CALLS), Math.max(inFlight, WARM_UP_LANES));
const cpu = process.cpuUsage();
const added = await round(calls, inFlight);
const { user, system } = process.cpuUsage(cpu);
process.send?.({ added, cpuMsPerCall: (user + system) / 1000 / calls, peakMiB: peakMemoryOf('self') });
process.disconnect();
