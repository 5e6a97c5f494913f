import type { DocumentChange, StoredDocument } from './documents.ts';
import { GeoPoint, type MapValue, Reference, Timestamp, type Value } from './values.ts';

/** JSON of a value: strings, booleans, null, arrays and finite doubles as they are, the rest tagged. */
type JournalValue =
  | null
  | boolean
  | number
  | string
  | JournalValue[]
  | { i: string }
  | { d: string }
  | { t: [number, number] }
  | { b: string }
  | { r: string }
  | { g: [number, number] }
  | { m: { [key: string]: JournalValue } };

/** Path, creation time in microseconds and fields; a path alone = deleted. */
type JournalChange =
  | [path: string]
  | [path: string, createTime: number, fields: Record<string, JournalValue>];

/** One line of the journal: a whole commit of one database. */
interface JournalEntry {
  /** Commit time in microseconds. */
  at: number;
  db: string;
  set: JournalChange[];
}

export function encodeEntry(at: number, db: string, changes: readonly DocumentChange[]): string {
  const set = changes.map(({ path, after }): JournalChange => (after ? encodeDocument(after) : [path]));
  const entry: JournalEntry = { at, db, set };
  return JSON.stringify(entry);
}

export function decodeEntry(line: string): JournalEntry {
  return JSON.parse(line) as JournalEntry;
}

/** The document a change leaves behind, undefined when it deletes it. */
export function decodeChange(
  [path, createTime, fields]: JournalChange,
  at: number,
): StoredDocument | undefined {
  if (createTime === undefined || fields === undefined) return undefined;
  return { path, createTime, updateTime: at, fields: decodeMap(fields) };
}

function encodeDocument({ path, createTime, fields }: StoredDocument): JournalChange {
  return [path, createTime, encodeMap(fields)];
}

function encodeMap(map: MapValue): Record<string, JournalValue> {
  const result: Record<string, JournalValue> = {};
  for (const key in map) result[key] = encode(map[key] ?? null);
  return result;
}

function encode(value: Value): JournalValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { i: value.toString() };
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { d: '-0' };
    return Number.isFinite(value) ? value : { d: String(value) };
  }
  if (value instanceof Timestamp) return { t: [value.seconds, value.nanos] };
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
  if (value instanceof Reference) return { r: value.name };
  if (value instanceof GeoPoint) return { g: [value.latitude, value.longitude] };
  if (Array.isArray(value)) return value.map(encode);
  return { m: encodeMap(value) };
}

function decodeMap(map: Record<string, JournalValue>): MapValue {
  const result: MapValue = {};
  for (const key in map) result[key] = decode(map[key] ?? null);
  return result;
}

function decode(value: JournalValue): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decode);
  if ('i' in value) return BigInt(value.i);
  if ('m' in value) return decodeMap(value.m);
  if ('t' in value) return new Timestamp(...value.t);
  if ('d' in value) return Number(value.d);
  if ('b' in value) return Uint8Array.from(Buffer.from(value.b, 'base64'));
  if ('r' in value) return new Reference(value.r);
  return new GeoPoint(...value.g);
}
