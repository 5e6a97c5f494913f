/** Types of fields: text, two and four bytes a number (TIFF 6.0, section 2). */
type Value = string | { short: number[] } | { long: number[] };

/** Fields by their tag; `PIXELS` stands for where the pixels are. */
export type TiffFields = Readonly<Record<number, Value>>;

export const PIXELS = 0xfeedface;

interface TiffLayout {
  /** The other form, for files of more than 4 GB. */
  big?: boolean;
  bigEndian?: boolean;
  /** Fields from the highest tag down, against the standard. */
  backwards?: boolean;
}

/** What an RGB picture of 8 bits needs, in one strip. */
export const rgbFields = (width: number, height: number): TiffFields => ({
  256: { long: [width] },
  257: { long: [height] },
  258: { short: [8, 8, 8] },
  259: { short: [1] },
  262: { short: [2] },
  273: { long: [PIXELS] },
  277: { short: [3] },
  278: { long: [height] },
  279: { long: [width * height * 3] },
});

/** A TIFF with one page: directory, pixels, then the values that do not fit into the directory. */
export function tiff(fields: TiffFields, pixels: Buffer, layout: TiffLayout = {}): Buffer {
  const { big = false, bigEndian = false, backwards = false } = layout;
  const offsetBytes = big ? 8 : 4;
  const fieldBytes = big ? 20 : 12;
  const uint = (value: number, bytes: number) => {
    const le = Buffer.alloc(8);
    le.writeBigUInt64LE(BigInt(value));
    const it = le.subarray(0, bytes);
    return bigEndian ? it.reverse() : it;
  };
  const head = Buffer.concat([
    Buffer.from(bigEndian ? 'MM' : 'II'),
    ...(big ? [uint(43, 2), uint(8, 2), uint(0, 2), uint(16, 8)] : [uint(42, 2), uint(8, 4)]),
  ]);
  const tags = Object.keys(fields).map(Number);
  const pixelsAt = head.length + (big ? 8 : 2) + tags.length * fieldBytes + offsetBytes;
  const directory = [uint(tags.length, big ? 8 : 2)];
  const behind: Buffer[] = [pixels];
  let behindAt = pixelsAt + pixels.length;
  for (const tag of backwards ? tags.toReversed() : tags) {
    const { type, count, bytes } = encoded(fields[tag] ?? '', (value, size) =>
      uint(value === PIXELS ? pixelsAt : value, size),
    );
    directory.push(uint(tag, 2), uint(type, 2), uint(count, offsetBytes));
    if (bytes.length <= offsetBytes) directory.push(bytes, Buffer.alloc(offsetBytes - bytes.length));
    else {
      directory.push(uint(behindAt, offsetBytes));
      behind.push(bytes);
      behindAt += bytes.length;
    }
  }
  return Buffer.concat([head, ...directory, uint(0, offsetBytes), ...behind]);
}

function encoded(value: Value, uint: (value: number, bytes: number) => Buffer) {
  if (typeof value === 'string') return { type: 2, count: value.length, bytes: Buffer.from(value, 'latin1') };
  const [type, size, numbers] = 'short' in value ? [3, 2, value.short] : [4, 4, value.long];
  return { type, count: numbers.length, bytes: Buffer.concat(numbers.map((it) => uint(it, size))) };
}
