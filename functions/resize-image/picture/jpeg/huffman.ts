import type { DHT, DQT } from './structure.ts';

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
const SHORT_BITS = 10;

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

/** Coded data ended before the picture did, or is none that the tables allow. */
export class CodedDataBroken extends Error {}

/** A run of sixteen zeros; every other symbol without bits ends its block. */
export const ZERO_RUN = 0xf0;

/** Reads bits, the highest first, of coded data without markers; each 0xff in it is followed by a stuffed 0x00. */
export class BitReader {
  readonly #data: Uint8Array;
  #at = 0;
  /** The next bits, right-aligned; what stands above `#count` has been read. */
  #held = 0;
  /** 25 to 32 after filling, fewer at the end. */
  #count = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  symbol(codes: Codes): number {
    if (this.#count < 16) this.#fill();
    const found = this.#find(codes);
    const bits = found >> 8;
    if (bits === 0 || bits > this.#count) throw new CodedDataBroken();
    this.#count -= bits;
    return found & 0xff;
  }

  skip(bits: number): void {
    if (this.#count < bits) this.#fill();
    if (this.#count < bits) throw new CodedDataBroken();
    this.#count -= bits;
  }

  /** At most 16 at once. */
  bits(count: number): number {
    this.skip(count);
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  /**
   * Passes over coefficients 1 to 63 of a block; each symbol is a run of zeros and the bits of what follows them. Nine
   * of ten symbols of a picture are read here, so it keeps the state at hand.
   */
  skipCoefficients(codes: Codes): void {
    const { short } = codes;
    let [held, count] = [this.#held, this.#count];
    for (let k = 1; k < 64; k += 1) {
      if (count < LONGEST) {
        this.#count = count;
        this.#fill();
        held = this.#held;
        count = this.#count;
      }
      const found = count < LONGEST ? 0 : (short[(held >>> (count - SHORT_BITS)) & SHORT_MASK] ?? 0);
      let symbol = found & 0xff;
      if (found !== 0) count -= (found >> 8) + (symbol & 15);
      else {
        this.#count = count;
        symbol = this.symbol(codes);
        this.skip(symbol & 15);
        held = this.#held;
        count = this.#count;
      }
      if ((symbol & 15) === 0 && symbol !== ZERO_RUN) break;
      k += symbol >> 4;
      if (k > 63) throw new CodedDataBroken();
    }
    this.#count = count;
  }

  /** How many bytes of the data hold what has been read. */
  get usedBytes(): number {
    let at = this.#at;
    for (let unread = this.#count >> 3; unread > 0; unread -= 1) {
      at -= this.#data[at - 1] === 0 && this.#data[at - 2] === 0xff ? 2 : 1;
    }
    return at;
  }

  #find({ short, long }: Codes): number {
    const [held, count] = [this.#held, this.#count];
    const next = count >= 16 ? held >>> (count - 16) : held << (16 - count);
    return short[(next >>> (16 - SHORT_BITS)) & SHORT_MASK] || (long[next & 0xffff] ?? 0);
  }

  #fill(): void {
    const data = this.#data;
    let [at, held, count] = [this.#at, this.#held, this.#count];
    while (count <= 24 && at < data.length) {
      const byte = data[at] ?? 0;
      held = (held << 8) | byte;
      count += 8;
      at += byte === 0xff ? 2 : 1;
    }
    this.#at = at;
    this.#held = held;
    this.#count = count;
  }
}

/** A short code and the 11 bits that may follow it. */
const LONGEST = SHORT_BITS + 11;
const SHORT_MASK = (1 << SHORT_BITS) - 1;
