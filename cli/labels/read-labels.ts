import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { CliError } from '../failure.ts';
import { findFiles } from '../upload/files.ts';
import type { LabeledPicture, LabelProblem, LabelSet } from './labeled.ts';

/** The file of labels in a folder that has one. */
export const LABELS_FILE = 'labels.jsonl';

/**
 * The labels of a folder (`a.json` beside `a.jpg`, or one labels.jsonl) or of a file of JSON Lines, each line
 * `{"picture": "a.jpg", "answer": {...}}` with the picture's path from the file on. Sorted by name.
 * @throws CliError when there is nothing to read
 */
export async function readLabels(path: string, cwd: string): Promise<LabelSet> {
  const at = resolve(cwd, path);
  const info = await stat(at).catch(() => undefined);
  if (!info) {
    throw new CliError(`There is no file or folder ${path}.`, {
      hint: 'Name a folder of pictures with a .json beside each, or a .jsonl file of labels.',
    });
  }
  if (info.isFile()) return ofLines(at);
  const lines = join(at, LABELS_FILE);
  if (await stat(lines).catch(() => undefined)) return ofLines(lines);
  return ofFolder(at, path);
}

async function ofFolder(folder: string, shown: string): Promise<LabelSet> {
  const pictures = await findFiles([folder], folder);
  const labels: LabeledPicture[] = [];
  const problems: LabelProblem[] = [];
  for (const { path, relativeName } of pictures) {
    const beside = path.slice(0, path.length - extname(path).length);
    const text = await readFile(`${beside}.json`, 'utf8').catch(() => undefined);
    const place = join(shown, relativeName);
    if (text === undefined) {
      problems.push({ place, text: `it has no ${basename(beside)}.json with what is right` });
      continue;
    }
    const answer = recordIn(text);
    const jsonPlace = `${place.slice(0, place.length - extname(place).length)}.json`;
    if (answer) labels.push(labeled(relativeName, answer, path, place));
    else problems.push({ place: jsonPlace, text: 'it is no JSON object of fields and values' });
  }
  return { labels, problems };
}

async function ofLines(file: string): Promise<LabelSet> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const labels: LabeledPicture[] = [];
  const problems: LabelProblem[] = [];
  const seen = new Set<string>();
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = `${basename(file)}:${i + 1}`;
    const row = recordIn(line);
    const picture = row?.['picture'];
    const answer = row?.['answer'];
    if (typeof picture !== 'string' || !isRecord(answer)) {
      problems.push({ place, text: 'expected {"picture": "a.jpg", "answer": {...}}' });
      continue;
    }
    const path = resolve(dirname(file), picture);
    const name = relative(dirname(file), path).split(sep).join('/');
    if (seen.has(name)) problems.push({ place, text: `${name} has a label already` });
    else if (!(await stat(path).catch(() => undefined)))
      problems.push({ place, text: `there is no picture ${picture}` });
    else labels.push(labeled(name, answer, path, place));
    seen.add(name);
  }
  return { labels: labels.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

const labeled = (
  name: string,
  answer: Record<string, unknown>,
  path: string,
  place: string,
): LabeledPicture => ({ name, answer, place, read: (signal) => readFile(path, { signal }) });

function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
