import { type Box, boxesIn, boxIn } from './boxes.ts';

/** What a HEIF file says of its main picture (ISO/IEC 23008-12, 6). */
interface MainItem {
  /** How it is coded, e.g. `hvc1`, `av01`; of a grid, how its first tile is. Undefined if the file does not say. */
  coding: string | undefined;
  /** In the order in which they are applied; of a grid, its own. */
  properties: readonly Box[];
  /** Those of its first tile, or its own if it is no grid. */
  codedProperties: readonly Box[];
}

/** Items that consist of others. */
const DERIVED = new Set(['grid', 'iovl', 'iden']);
/** An item derived of derived items, and so on: nobody goes farther than a rotated grid. */
const MAX_DERIVATIONS = 3;

/** Undefined if this is no such file or if its description is missing. */
export function mainItem(bytes: Buffer): MainItem | undefined {
  try {
    return readMainItem(bytes);
  } catch (error) {
    // Read beyond its end: the file is cut off or damaged.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readMainItem(bytes: Buffer): MainItem | undefined {
  const meta = boxIn(bytes, 'meta', 0, bytes.length);
  if (!meta) return undefined;
  const within = (type: string): Box | undefined => boxIn(bytes, type, meta.contentAt + 4, meta.end);
  const pitm = within('pitm');
  if (!pitm) return undefined;
  const main = idAt(bytes, pitm.contentAt + 4, isWide(bytes, pitm));
  const kinds = kindsOf(bytes, within('iinf'));
  const properties = (id: number) => propertiesOf(bytes, within('iprp'), id);
  let coded = main;
  for (let i = 0; i < MAX_DERIVATIONS && DERIVED.has(kinds.get(coded) ?? ''); i += 1) {
    const source = firstSource(bytes, within('iref'), coded);
    if (source === undefined) break;
    coded = source;
  }
  return {
    coding: kinds.get(coded),
    properties: properties(main),
    codedProperties: properties(coded),
  };
}

const isWide = (bytes: Buffer, box: Box): boolean => bytes.readUInt8(box.contentAt) > 0;

const idAt = (bytes: Buffer, at: number, wide: boolean): number =>
  wide ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);

/** The kind of each item, by its id (`iinf`, `infe`). */
function kindsOf(bytes: Buffer, iinf: Box | undefined): Map<number, string> {
  const kinds = new Map<number, string>();
  if (!iinf) return kinds;
  const entriesAt = iinf.contentAt + (isWide(bytes, iinf) ? 8 : 6);
  for (const { type, contentAt } of boxesIn(bytes, entriesAt, iinf.end)) {
    const version = bytes.readUInt8(contentAt);
    if (type !== 'infe' || version < 2) continue;
    const wide = version > 2;
    const kindAt = contentAt + (wide ? 10 : 8);
    kinds.set(idAt(bytes, contentAt + 4, wide), bytes.toString('latin1', kindAt, kindAt + 4));
  }
  return kinds;
}

/** The first of the items that one is made of (`iref`, `dimg`). */
function firstSource(bytes: Buffer, iref: Box | undefined, id: number): number | undefined {
  if (!iref) return undefined;
  const wide = isWide(bytes, iref);
  const idBytes = wide ? 4 : 2;
  for (const { type, contentAt } of boxesIn(bytes, iref.contentAt + 4, iref.end)) {
    if (type === 'dimg' && idAt(bytes, contentAt, wide) === id)
      return idAt(bytes, contentAt + idBytes + 2, wide);
  }
  return undefined;
}

/** What is said of an item (`ipco`), by the list of what belongs to which (`ipma`). */
function propertiesOf(bytes: Buffer, iprp: Box | undefined, id: number): Box[] {
  if (!iprp) return [];
  const ipco = boxIn(bytes, 'ipco', iprp.contentAt, iprp.end);
  const ipma = boxIn(bytes, 'ipma', iprp.contentAt, iprp.end);
  if (!ipco || !ipma) return [];
  const all = [...boxesIn(bytes, ipco.contentAt, ipco.end)];
  return associationsOf(bytes, ipma, id)
    .map((index) => all[index - 1])
    .filter((property) => property !== undefined);
}

function associationsOf(bytes: Buffer, ipma: Box, id: number): number[] {
  const wideIds = isWide(bytes, ipma);
  const wideIndexes = (bytes.readUInt8(ipma.contentAt + 3) & 1) === 1;
  const entries = bytes.readUInt32BE(ipma.contentAt + 4);
  let at = ipma.contentAt + 8;
  for (let i = 0; i < entries && at < ipma.end; i += 1) {
    const item = idAt(bytes, at, wideIds);
    at += wideIds ? 4 : 2;
    const count = bytes.readUInt8(at);
    at += 1;
    const step = wideIndexes ? 2 : 1;
    const listAt = at;
    // The highest bit says whether a reader must know the property.
    if (item === id)
      return Array.from({ length: count }, (_, n) =>
        wideIndexes ? bytes.readUInt16BE(listAt + n * step) & 0x7fff : bytes.readUInt8(listAt + n) & 0x7f,
      );
    at += count * step;
  }
  return [];
}
