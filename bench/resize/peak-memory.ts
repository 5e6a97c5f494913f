import { readFile } from 'node:fs/promises';
import { normalize } from '../../functions/resize-image/picture/normalize.ts';
import { peakMemoryOf } from '../measure.ts';

/**
 * `peak-memory.ts PICTURE LANES ROUNDS`: a process of its own, because a peak never goes down. Prepares the picture in
 * this many lanes at once and writes the peak of its resident memory in MiB.
 */
const [path = '', lanes = '1', rounds = '1'] = process.argv.slice(2);

const lane = async (): Promise<void> => {
  // Each event brings bytes of its own.
  for (let round = 0; round < Number(rounds); round += 1)
    await normalize(await readFile(path), { maxSide: 2048, maxPixels: 100_000_000 });
};
await Promise.all(Array.from({ length: Number(lanes) }, lane));
process.stdout.write(String(peakMemoryOf('self')));
