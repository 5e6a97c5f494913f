import { createDeveloperApi } from '../../shared/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/gemini/model.ts';
import { peakMemoryOf } from '../measure.ts';

/**
 * A process with one client: `caller.ts URL IN_FLIGHT CALLS DELAY_MS IMAGE_BYTES SLOTS`. Callers start evenly over the
 * delay, so that they do not all encode at once. Sends what it measured by ipc.
 */
const [url = '', inFlight = 1, calls = 1, delayMs = 0, imageBytes = 0] = process.argv
  .slice(2)
  .map((value, i) => (i === 0 ? value : Number(value))) as [string, ...number[]];

const call = createDeveloperApi({ apiKey: 'bench', baseUrl: url });
const image = Buffer.alloc(imageBytes, 'a picture that is as large as a prepared photo ');

async function once(): Promise<number> {
  const started = performance.now();
  // As the handler does: the bytes come from Storage, the text is made for the call.
  const request: ModelRequest = {
    model: 'gemini-3.5-flash-lite',
    step: { mediaResolution: 'MEDIUM', thinkingLevel: 'minimal', maxOutputTokens: 2048 },
    instructions: 'You look at one picture and answer with JSON.',
    prompt: 'Describe the picture for someone who cannot see it.',
    responseSchema: { type: 'OBJECT', properties: { caption: { type: 'STRING' } }, required: ['caption'] },
    image: { mimeType: 'image/jpeg', base64: image.toString('base64') },
  };
  const { end } = await call(request, new AbortController().signal);
  if (end.kind !== 'answer') throw new Error(`The endpoint answered ${end.kind}.`);
  return performance.now() - started - delayMs;
}

async function round(count: number): Promise<number[]> {
  const added: number[] = [];
  let next = 0;
  const lane = async (index: number) => {
    await new Promise((resolve) => setTimeout(resolve, (delayMs * index) / inFlight));
    for (let i = next++; i < count; i = next++) added.push(await once());
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => lane(index)));
  return added;
}

await round(inFlight);
const cpu = process.cpuUsage();
const added = await round(calls);
const { user, system } = process.cpuUsage(cpu);
process.send?.({ added, cpuMsPerCall: (user + system) / 1000 / calls, peakMiB: peakMemoryOf('self') });
process.disconnect();
