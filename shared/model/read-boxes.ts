import { EVIDENCE_FIELD, isOfNoPlace } from '../profiles/evidence.ts';
import type { Evidence, ModelUse } from '../results/document.ts';
import { readingsOf, salvageJson } from './json-text.ts';
import { CHARACTERS_PER_TOKEN } from './request.ts';

/** The boxes of a reply that can be used, and how many could not. */
export interface ReadEvidence {
  boxes: readonly Evidence[];
  dropped: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An answer without its boxes, and the boxes as they were given. */
export function splitEvidence(reading: unknown): { answer: unknown; given?: unknown } {
  if (!isObject(reading) || !Object.hasOwn(reading, EVIDENCE_FIELD)) return { answer: reading };
  const { [EVIDENCE_FIELD]: given, ...answer } = reading;
  return { answer, given };
}

/** Whether a reply that was cut off had come to its boxes, which stand last: all that is before them is whole. */
export const endsInEvidence = (salvaged: unknown): boolean =>
  isObject(salvaged) && Object.keys(salvaged).at(-1) === EVIDENCE_FIELD;

/**
 * The boxes around values that the answer has. One that is no box, or of no value, is dropped: it says something about
 * the model, not about the answer, which is neither invalid for it nor asked for again.
 */
export function readEvidence(given: unknown, answer: Readonly<Record<string, unknown>>): ReadEvidence {
  const rows = Array.isArray(given) ? given : [given];
  const read = new Map<string, Evidence>();
  let dropped = 0;
  for (const row of rows) {
    const evidence = oneOf(row, answer);
    if (evidence) read.set(JSON.stringify(evidence), evidence);
    else dropped += 1;
  }
  return { boxes: [...read.values()], dropped };
}

/** The boxes as a result keeps them. */
export const evidenceOf = ({
  boxes,
  dropped,
}: ReadEvidence): Pick<ModelUse, 'evidence' | 'evidenceDropped'> => ({
  evidence: [...boxes],
  ...(dropped > 0 ? { evidenceDropped: dropped } : {}),
});

function oneOf(row: unknown, answer: Readonly<Record<string, unknown>>): Evidence | undefined {
  if (!isObject(row)) return undefined;
  const { field, box_2d: numbers } = row;
  if (typeof field !== 'string') return undefined;
  const path = pathIn(answer, field);
  const box = boxOf(numbers);
  return path === undefined || box === undefined ? undefined : { field: path, box };
}

/** Thousandths, y first: [ymin, xmin, ymax, xmax]. */
function boxOf(numbers: unknown): Evidence['box'] | undefined {
  if (!Array.isArray(numbers) || numbers.length !== 4 || !numbers.every(isThousandth)) return undefined;
  const [top, left, bottom, right] = numbers.map(Math.round) as [number, number, number, number];
  return top < bottom && left < right ? { top, left, bottom, right } : undefined;
}

const isThousandth = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= 1000;

/** The path as we write it, where the answer has something there: `items.0.sku` and `$.items[0].sku` are `items[0].sku`. */
function pathIn(answer: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const steps = field.split(/[.[\]/]+/).filter((step) => step !== '' && step !== '$');
  let value: unknown = answer;
  let path = '';
  for (const step of steps) {
    if (Array.isArray(value)) {
      if (!/^\d+$/.test(step)) return undefined;
      value = (value as unknown[])[Number(step)];
      path += `[${Number(step)}]`;
    } else if (isObject(value) && Object.hasOwn(value, step)) {
      value = value[step];
      path += path === '' ? step : `.${step}`;
    } else return undefined;
  }
  return path === '' || isOfNoPlace(path) || value === undefined || value === null ? undefined : path;
}

/**
 * Which share of a reply's output its boxes are, 0 to 1, for its price: nobody bills them apart. By length, a digit
 * counting as a token and four other characters as one.
 */
export function evidenceShare(text: string): number {
  const reading = readingsOf(text).find(isObject) ?? salvageJson(text);
  const { answer, given } = splitEvidence(reading);
  if (given === undefined) return 0;
  return 1 - weight(JSON.stringify(answer)) / weight(JSON.stringify(reading));
}

function weight(text: string): number {
  const digits = text.replace(/\D/g, '').length;
  return digits + (text.length - digits) / CHARACTERS_PER_TOKEN;
}
