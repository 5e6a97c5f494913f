import { type Codes, SHORT_BITS } from './tables.ts';

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
