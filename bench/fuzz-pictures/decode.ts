import { readFile, writeFile } from 'node:fs/promises';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { recipeFor } from '../../functions/resize-image/picture/recipe.ts';
import { mebibytes, memoryOf, peakMemoryOf } from '../measure.ts';
import type { Outcome } from './verdict.ts';

/** Low enough that a declared size cannot fill the machine, high enough that one can be seen. */
const OPTIONS = { maxSide: 1024, maxPixels: 20_000_000, timeLimitMs: 300_000 };
/** What a pixel of weight 1 holds (`recipe.ts`: 20 MiB for 12 megapixels). */
const BYTES_PER_PIXEL = 1.75;
/** What every picture may take besides: the thread and the module of HEIC's decoder take most. */
const FIXED_MIB = 96;

// A process for many pictures: each is a path, answered by what became of it.
process.on('message', async (path: string) => {
  process.send?.(await outcomeOf(await readFile(path)));
});

process.send?.('ready');

async function outcomeOf(bytes: Buffer): Promise<Outcome> {
  const boundMiB = FIXED_MIB + mebibytes((await weightOf(bytes)) * BYTES_PER_PIXEL);
  await forgetPeak();
  const before = memoryOf('self');
  const began = process.cpuUsage();
  const failure = await normalize(bytes, OPTIONS).then(
    () => undefined,
    (error: unknown) => error,
  );
  const { user, system } = process.cpuUsage(began);
  return {
    ...described(failure),
    cpuMs: (user + system) / 1000,
    grownMiB: peakMemoryOf('self') - before,
    boundMiB,
  };
}

function described(failure: unknown): { code?: string; message?: string } {
  if (failure === undefined) return {};
  const { code = 'none', message } = failure as { code?: string; message?: string };
  return { code: String(code), message: String(message) };
}

async function weightOf(bytes: Buffer): Promise<number> {
  const options = {
    ...OPTIONS,
    preparation: 'faithful',
    quality: 85,
    maxBytes: undefined,
  } as const;
  return recipeFor(bytes, options).then(
    ({ weight }) => weight,
    () => 0,
  );
}

/** The kernel keeps the highest memory there ever was, until it is told to begin again (proc(5), clear_refs). */
const forgetPeak = (): Promise<void> => writeFile('/proc/self/clear_refs', '5').catch(() => undefined);
