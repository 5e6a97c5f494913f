import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type BenchPhoto, drawnPhotos } from './cameras.ts';

/** Photos of real cameras, where there are some; BENCH_PHOTOS names another folder. */
const FOLDER =
  process.env['BENCH_PHOTOS'] ?? fileURLToPath(new URL('../../../shared/fixtures/photos', import.meta.url));

/** With fewer real ones, drawn ones are judged besides. */
const ENOUGH = 10;
/** Smaller photos are hardly shrunk. */
const LEAST_SIDE = 2560;

/** The photos to judge on, one at a time. */
export async function* photoSet(short: boolean): AsyncGenerator<BenchPhoto & { isReal: boolean }> {
  let real = 0;
  const names = await readdir(FOLDER).catch(() => []);
  for (const name of names.filter((it) => /\.jpe?g$/i.test(it)).toSorted()) {
    const bytes = await readFile(join(FOLDER, name));
    if (!(await isLargePhoto(bytes))) continue;
    real += 1;
    yield { name: name.replace(/\.[^.]*$/, ''), bytes, isReal: true };
    if (short) return;
  }
  if (real >= ENOUGH) return;
  for await (const drawn of drawnPhotos(short ? 2 : undefined)) yield { ...drawn, isReal: false };
}

async function isLargePhoto(bytes: Buffer): Promise<boolean> {
  const header = await sharp(bytes)
    .metadata()
    .catch(() => undefined);
  if (header?.format !== 'jpeg' || header.space !== 'srgb') return false;
  return Math.max(header.width, header.height) >= LEAST_SIDE;
}
