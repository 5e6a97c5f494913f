/** One field of a directory (TIFF 6.0, section 2). Places are offsets in the file. */
export interface Field {
  tag: number;
  /** Where it is written in the directory. */
  at: number;
  /** What it says, as far as these are whole numbers of at most 32 bits; at most the first `MAX_NUMBERS`. */
  numbers: readonly number[];
  /** How many values it says it has. */
  count: number;
  /** Whether its values are within the file. */
  isWhole: boolean;
}

export interface Directory {
  fields: readonly Field[];
  /** Where the directory of the next page is; 0 if there is none. */
  next: number;
}

/** Sizes and places that differ between the classic form and BigTIFF (https://www.awaresystems.be/imaging/tiff/bigtiff.html). */
interface Form {
  firstAt: number;
  countBytes: 2 | 8;
  fieldBytes: 12 | 20;
  offsetBytes: 4 | 8;
}

const CLASSIC: Form = { firstAt: 4, countBytes: 2, fieldBytes: 12, offsetBytes: 4 };
const BIG: Form = { firstAt: 8, countBytes: 8, fieldBytes: 20, offsetBytes: 8 };

/** Bytes of one value of each type: BYTE, ASCII, SHORT, LONG, RATIONAL, ..., LONG8, SLONG8, IFD8. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const [BYTE, SHORT, LONG] = [1, 3, 4];

const MAX_NUMBERS = 16;
/** More are in no picture; libtiff gives up here too. */
const MAX_FIELDS = 4096;

/** A TIFF or BigTIFF file as its directories; every reader throws a RangeError where the file has no more bytes. */
export class TiffFile {
  readonly bytes: Buffer;
  readonly #form: Form;
  readonly #bigEndian: boolean;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#bigEndian = bytes.toString('latin1', 0, 2) === 'MM';
    this.#form = this.#u16(2) === 43 ? BIG : CLASSIC;
  }

  get firstDirectoryAt(): number {
    return this.#readUint(this.#form.firstAt, this.#form.offsetBytes);
  }

  directoryAt(at: number): Directory {
    const { countBytes, fieldBytes, offsetBytes } = this.#form;
    const count = this.#readUint(at, countBytes);
    if (count > MAX_FIELDS) throw new RangeError(`A TIFF directory of ${count} fields`);
    const fieldsAt = at + countBytes;
    return {
      fields: Array.from({ length: count }, (_, i) => this.#fieldAt(fieldsAt + i * fieldBytes)),
      next: this.#readUint(fieldsAt + count * fieldBytes, offsetBytes),
    };
  }

  #readUint(at: number, bytes: 1 | 2 | 4 | 8): number {
    if (bytes === 1) return this.bytes.readUInt8(at);
    if (bytes === 2) return this.#u16(at);
    if (bytes === 4) return this.#bigEndian ? this.bytes.readUInt32BE(at) : this.bytes.readUInt32LE(at);
    return Number(this.#bigEndian ? this.bytes.readBigUInt64BE(at) : this.bytes.readBigUInt64LE(at));
  }

  /** A field as it is written. */
  written({ at }: Field): Buffer {
    return this.bytes.subarray(at, at + this.#form.fieldBytes);
  }

  /** A field of one number, as it has to be written. */
  newField(tag: number, value: number): Buffer {
    const { fieldBytes, offsetBytes } = this.#form;
    const field = Buffer.alloc(fieldBytes);
    this.#writeUint(field, 0, tag, 2);
    this.#writeUint(field, 2, LONG, 2);
    this.#writeUint(field, 4, 1, offsetBytes);
    this.#writeUint(field, fieldBytes - offsetBytes, value, 4);
    return field;
  }

  /** A copy with one page of these fields, which are in the order of their tags. */
  withOnly(fields: readonly Buffer[]): Buffer {
    const { firstAt, countBytes, fieldBytes, offsetBytes } = this.#form;
    const directoryAt = this.bytes.length + (this.bytes.length % 2);
    const copy = Buffer.alloc(directoryAt + countBytes + fields.length * fieldBytes + offsetBytes);
    this.bytes.copy(copy);
    this.#writeUint(copy, directoryAt, fields.length, countBytes);
    fields.forEach((field, i) => {
      field.copy(copy, directoryAt + countBytes + i * fieldBytes);
    });
    this.#writeUint(copy, firstAt, directoryAt, offsetBytes);
    return copy;
  }

  #fieldAt(at: number): Field {
    const { fieldBytes, offsetBytes } = this.#form;
    const type = this.#u16(at + 2);
    const count = this.#readUint(at + 4, offsetBytes);
    const valueBytes = (TYPE_BYTES[type] ?? 0) * count;
    const inPlace = at + fieldBytes - offsetBytes;
    const valueAt = valueBytes <= offsetBytes ? inPlace : this.#readUint(inPlace, offsetBytes);
    const isWhole = valueAt + valueBytes <= this.bytes.length;
    const field = { tag: this.#u16(at), at, count, isWhole };
    const size = type === BYTE ? 1 : type === SHORT ? 2 : type === LONG ? 4 : undefined;
    if (!size || !isWhole) return { ...field, numbers: [] };
    const read = Math.min(count, MAX_NUMBERS);
    return {
      ...field,
      numbers: Array.from({ length: read }, (_, i) => this.#readUint(valueAt + i * size, size)),
    };
  }

  #u16(at: number): number {
    return this.#bigEndian ? this.bytes.readUInt16BE(at) : this.bytes.readUInt16LE(at);
  }

  #writeUint(to: Buffer, at: number, value: number, bytes: 2 | 4 | 8): void {
    if (bytes === 2) this.#bigEndian ? to.writeUInt16BE(value, at) : to.writeUInt16LE(value, at);
    else if (bytes === 4) this.#bigEndian ? to.writeUInt32BE(value, at) : to.writeUInt32LE(value, at);
    else this.#bigEndian ? to.writeBigUInt64BE(BigInt(value), at) : to.writeBigUInt64LE(BigInt(value), at);
  }
}

/** Undefined where the file ends before its directory does. */
export function firstDirectory(bytes: Buffer): Directory | undefined {
  try {
    const tiff = new TiffFile(bytes);
    return tiff.directoryAt(tiff.firstDirectoryAt);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
