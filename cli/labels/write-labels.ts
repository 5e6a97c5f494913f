import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { LabeledPicture } from './labeled.ts';
import { LABELS_FILE } from './read-labels.ts';

/** Writes pictures and labels into a folder that `readLabels` reads: a .json beside each picture, or one file of lines. */
export async function writeLabels(
  labels: readonly LabeledPicture[],
  folder: string,
  form: 'json' | 'jsonl',
  signal: AbortSignal,
): Promise<void> {
  const lines: string[] = [];
  for (const label of labels) {
    const bytes = await label.read(signal);
    const name = extname(label.name) === '' ? `${label.name}${endingOf(bytes)}` : label.name;
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    if (form === 'jsonl') lines.push(`${JSON.stringify({ picture: name, answer: label.answer })}\n`);
    else
      await writeFile(
        `${path.slice(0, path.length - extname(path).length)}.json`,
        `${JSON.stringify(label.answer, undefined, 2)}\n`,
      );
  }
  if (form === 'jsonl') await writeFile(join(folder, LABELS_FILE), lines.join(''));
}

/** Ids of results have no ending; programs that open the folder look at it, the pipeline at the bytes. */
function endingOf(bytes: Buffer): string {
  if (bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))) return '.png';
  const kind = bytes.subarray(4, 12).toString('latin1');
  if (kind.startsWith('ftyp')) return kind.endsWith('avif') ? '.avif' : '.heic';
  return bytes.subarray(8, 12).toString('latin1') === 'WEBP' ? '.webp' : '.jpg';
}
