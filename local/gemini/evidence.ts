import { fieldPath } from '../../shared/profiles/schema/shape.ts';
import type { ReaderFacts, ReadWord } from '../reader/facts.ts';
import { around, type Place } from '../reader/place.ts';
import { meansConfidence, wordsOf } from './meaning.ts';
import type { Schema } from './request.ts';
import { typeOf } from './scalars.ts';

interface Box {
  field: string;
  box_2d: [number, number, number, number];
}

/** The answer with the true places of its values, where its schema asks for boxes by field. */
export function withEvidence(schema: Schema | undefined, answer: unknown, facts: ReaderFacts): unknown {
  if (!isObject(answer)) return answer;
  const name = Object.keys(schema?.properties ?? {}).find((key) => asksForBoxes(schema?.properties?.[key]));
  if (name === undefined) return answer;
  const { [name]: _, ...values } = answer;
  const all = boxesIn(values, '', facts);
  return { ...values, [name]: all.slice(0, schema?.properties?.[name]?.maxItems ?? all.length) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list of objects that have a `field` and a `box_2d` of four numbers. */
function asksForBoxes(schema: Schema | undefined): boolean {
  const { field, box_2d: box } = schema?.items?.properties ?? {};
  return field !== undefined && box !== undefined && typeOf(field) === 'string' && typeOf(box) === 'array';
}

/** Of an object's values the longest is found first: the others stand near it, as a quantity near its article. */
function boxesIn(object: Readonly<Record<string, unknown>>, path: string, facts: ReaderFacts): Box[] {
  const boxes = new Map<string, Box[]>();
  const plain = Object.entries(object).filter(
    ([key, value]) => isPlain(value) && !meansConfidence(wordsOf(key)),
  );
  let anchor: Place | undefined;
  for (const [key, value] of plain.toSorted(([, a], [, b]) => String(b).length - String(a).length)) {
    const place = nearest(placesOf(String(value), facts), anchor);
    if (!place) continue;
    anchor ??= place;
    boxes.set(key, [boxOf(fieldPath(path, key), place)]);
  }
  for (const [key, value] of Object.entries(object))
    if (!boxes.has(key)) boxes.set(key, inside(value, fieldPath(path, key), facts));
  return Object.keys(object).flatMap((key) => boxes.get(key) ?? []);
}

function inside(value: unknown, path: string, facts: ReaderFacts): Box[] {
  if (isObject(value)) return boxesIn(value, path, facts);
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown, i) => {
    if (!isPlain(entry)) return inside(entry, `${path}[${i}]`, facts);
    const [place] = placesOf(String(entry), facts);
    return place ? [boxOf(`${path}[${i}]`, place)] : [];
  });
}

const isPlain = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number';

/** Everywhere in the picture where the text is printed, or coded: codes first, which are surer. */
function placesOf(text: string, { codes, lines = [] }: ReaderFacts): Place[] {
  const wanted = bare(text);
  if (wanted === '') return [];
  return [
    ...codes.flatMap(({ text: code, place }) => (place && parts(code).includes(wanted) ? [place] : [])),
    ...runsIn(lines.flat(), wanted),
  ];
}

/** `SKU:4711 QTY:5` says SKU, 4711, QTY and 5; `SKU-47-11` says 47-11. */
const parts = (text: string): string[] =>
  [text, ...text.split(/[\s:;,|=]+/), text.replace(/^[a-z]+[-#.:]/i, '')].map(bare);

/** Words side by side that together say the text. */
function runsIn(words: readonly ReadWord[], wanted: string): Place[] {
  const found: Place[] = [];
  for (const [from, first] of words.entries()) {
    if (parts(first.text).includes(wanted)) {
      found.push(first.place);
      continue;
    }
    let said = '';
    for (let to = from; to < words.length && said.length < wanted.length; to += 1) {
      said += bare(words[to]?.text ?? '');
      if (said !== wanted) continue;
      found.push(around([first.place, ...words.slice(from + 1, to + 1).map(({ place }) => place)]));
      break;
    }
  }
  return found;
}

const bare = (text: string): string => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The first without an anchor; else the one whose middle is nearest to the anchor's. */
const nearest = (places: readonly Place[], anchor: Place | undefined): Place | undefined =>
  anchor ? places.toSorted((a, b) => distance(a, anchor) - distance(b, anchor))[0] : places[0];

const distance = (a: Place, b: Place): number =>
  Math.hypot(a.top + a.bottom - b.top - b.bottom, a.left + a.right - b.left - b.right);

/** Thousandths, y first; a thin bar is at least one wide. */
function boxOf(field: string, { top, left, bottom, right }: Place): Box {
  const [y, x] = [Math.min(999, Math.floor(top * 1000)), Math.min(999, Math.floor(left * 1000))];
  const ends = [Math.max(y + 1, Math.ceil(bottom * 1000)), Math.max(x + 1, Math.ceil(right * 1000))] as const;
  return { field, box_2d: [y, x, ends[0], ends[1]] };
}
