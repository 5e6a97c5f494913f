import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evaluation } from '../../../evaluation/evaluation.ts';
import type { Scored } from '../../../evaluation/outcomes.ts';
import { normalize } from '../../../functions/resize-image/picture/normalize.ts';
import type { LabeledPicture } from '../../labels/labeled.ts';
import { cellsCsv } from './cells-csv.ts';
import { htmlOf, type Thumbnail } from './html.ts';
import { markdownOf } from './markdown.ts';

/** A picture of the report: enough to recognize it, and 200 of them stay below 5 MB. */
const THUMBNAIL = { maxSide: 400, quality: 70, maxPixels: 100_000_000 };
const MAX_THUMBNAILS = 200;

/** Writes report.json, report.md, report.html and cells.csv into the folder of the run; returns their paths. */
export async function writeReports(
  folder: string,
  evaluation: Evaluation,
  all: readonly Scored[],
  labels: readonly LabeledPicture[],
  signal: AbortSignal,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const worstFirst = new Map(evaluation.documents.map(({ label }, i) => [label, i]));
  const shown = labels
    .toSorted((a, b) => (worstFirst.get(a.name) ?? Infinity) - (worstFirst.get(b.name) ?? Infinity) || 0)
    .slice(0, MAX_THUMBNAILS);
  const thumbnails = new Map<string, Thumbnail>();
  for (const label of shown) {
    const small = await thumbnailOf(label, signal);
    if (small !== undefined) thumbnails.set(label.name, small);
  }
  const names = labels.map(({ name }) => name);
  const files = {
    'report.json': `${JSON.stringify(evaluation, undefined, 1)}\n`,
    'report.md': markdownOf(evaluation),
    'cells.csv': cellsCsv(all),
    'report.html': htmlOf(evaluation, names, thumbnails),
  };
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), text);
  return Object.keys(files).map((name) => join(folder, name));
}

/** Undefined for a picture that cannot be prepared: that it has no answer is said beside it. */
async function thumbnailOf(label: LabeledPicture, signal: AbortSignal): Promise<Thumbnail | undefined> {
  try {
    const { bytes, width, height } = await normalize(await label.read(signal), { ...THUMBNAIL, signal });
    return { url: `data:image/jpeg;base64,${bytes.toString('base64')}`, width, height };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** A later run that compares itself with this one never reads half of a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
