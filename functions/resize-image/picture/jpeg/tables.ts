import type { DHT, DQT } from './segments.ts';

/** A table as a file defines it: what is behind its class and number. */
export interface Tables {
  /** By number, 0 to 3: the divisors, with their precision in the first byte's upper half. */
  quant: Map<number, Buffer>;
  /** By class and number, as in the file: 0x00 to 0x03 for means (DC), 0x10 to 0x13 for the rest (AC). */
  huffman: Map<number, Buffer>;
}

const HUFFMAN_COUNTS = 16;

/** Takes the tables of a DQT segment (ITU-T T.81, B.2.4.1); false if it holds anything else. */
export function readQuantTables(segment: Buffer, { quant }: Tables): boolean {
  let at = 4;
  while (at < segment.length) {
    const head = segment.readUInt8(at);
    const end = at + 1 + (head >> 4 === 0 ? 64 : 128);
    if (head >> 4 > 1 || (head & 15) > 3 || end > segment.length) return false;
    quant.set(head & 15, segment.subarray(at, end));
    at = end;
  }
  return true;
}

/** Takes the tables of a DHT segment (B.2.4.2); false if it holds anything else or a table that no encoder makes. */
export function readHuffmanTables(segment: Buffer, { huffman }: Tables): boolean {
  let at = 4;
  while (at < segment.length) {
    const head = segment.readUInt8(at);
    const symbolsAt = at + 1 + HUFFMAN_COUNTS;
    if (head >> 4 > 1 || (head & 15) > 3 || symbolsAt > segment.length) return false;
    const end = symbolsAt + segment.subarray(at + 1, symbolsAt).reduce((sum, count) => sum + count, 0);
    if (end > segment.length || !areSymbols(segment.subarray(symbolsAt, end), head >> 4 === 1)) return false;
    huffman.set(head, segment.subarray(at, end));
    at = end;
  }
  return true;
}

/** Each once, each of a kind that 8-bit pictures have: a table may name symbols that never occur, but not hold a text. */
const areSymbols = (symbols: Buffer, ac: boolean): boolean =>
  new Set(symbols).size === symbols.length && symbols.every((symbol) => (ac ? symbol & 15 : symbol) <= 11);

export const writeTable = (marker: typeof DQT | typeof DHT, table: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(table.length + 2, 2);
  return Buffer.concat([head, table]);
};

/** Most codes are this short; a table for them alone stays in the processor's nearest cache. */
export const SHORT_BITS = 10;

/** By the next bits of coded data: the symbol that they begin with and, above it, the length of its code; 0: none. */
export interface Codes {
  /** By the next `SHORT_BITS`. */
  short: Uint16Array;
  /** By the next 16. */
  long: Uint16Array;
}

/** Undefined if the counts do not make a code. */
export function codesOf(table: Buffer): Codes | undefined {
  const long = new Uint16Array(65_536);
  let code = 0;
  let symbolAt = 1 + HUFFMAN_COUNTS;
  for (let bits = 1; bits <= 16; bits += 1) {
    const span = 1 << (16 - bits);
    for (let left = table[bits] ?? 0; left > 0; left -= 1) {
      if (code + span > 65_536) return undefined;
      long.fill((bits << 8) | (table[symbolAt] ?? 0), code, code + span);
      code += span;
      symbolAt += 1;
    }
  }
  const short = Uint16Array.from({ length: 1 << SHORT_BITS }, (_, i) => {
    const found = long[i << (16 - SHORT_BITS)] ?? 0;
    return found >> 8 > SHORT_BITS ? 0 : found;
  });
  return { short, long };
}
