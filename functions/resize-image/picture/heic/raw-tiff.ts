/** Rows per strip: libvips reads strip by strip, so that one big strip would be held in memory twice. */
const ROWS_PER_STRIP = 16;

/** TIFF field types (TIFF 6.0, section 2). */
const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;

interface Field {
  tag: number;
  type: number;
  values: Uint8Array | number[];
}

interface RawShape {
  width: number;
  height: number;
  samples: 3 | 4;
  /** 1 when absent. */
  sampleBytes?: 1 | 2;
}

interface RawTiff {
  /** The whole file; pixels are written to `pixels`, a view into it: rows top down, samples interleaved, little-endian. */
  file: Buffer<ArrayBuffer>;
  pixels: Uint8Array;
}

/**
 * An uncompressed TIFF around pixels that are yet to be written. It carries what raw pixels cannot: their ICC profile,
 * so that pictures decoded elsewhere take the same way through libvips as all others.
 */
export function rawTiff(shape: RawShape, icc: Uint8Array | undefined): RawTiff {
  const { width, height, samples, sampleBytes = 1 } = shape;
  const strips = Math.ceil(height / ROWS_PER_STRIP);
  const rowBytes = width * samples * sampleBytes;
  const stripBytes = rowBytes * ROWS_PER_STRIP;
  const pixelBytes = rowBytes * height;
  const index = (i: number) => i * stripBytes;
  const counts = Array.from({ length: strips }, (_, i) => Math.min(stripBytes, pixelBytes - index(i)));
  const fields = (pixelsAt: number): Field[] => [
    { tag: 256, type: LONG, values: [width] },
    { tag: 257, type: LONG, values: [height] },
    { tag: 258, type: SHORT, values: new Array(samples).fill(8 * sampleBytes) },
    { tag: 259, type: SHORT, values: [1] }, // not compressed
    { tag: 262, type: SHORT, values: [2] }, // RGB
    { tag: 273, type: LONG, values: counts.map((_, i) => pixelsAt + index(i)) },
    { tag: 277, type: SHORT, values: [samples] },
    { tag: 278, type: LONG, values: [ROWS_PER_STRIP] },
    { tag: 279, type: LONG, values: counts },
    ...(samples === 4 ? [{ tag: 338, type: SHORT, values: [2] }] : []), // alpha, not premultiplied
    ...(icc ? [{ tag: 34_675, type: UNDEFINED, values: icc }] : []),
  ];
  const pixelsAt = encodeHeader(fields(0)).length;
  const file = Buffer.from(new ArrayBuffer(pixelsAt + pixelBytes));
  encodeHeader(fields(pixelsAt)).copy(file);
  return { file, pixels: file.subarray(pixelsAt) };
}

/** Little-endian header, one directory, then every value that does not fit into its entry. */
function encodeHeader(fields: Field[]): Buffer {
  const directoryBytes = 2 + 12 * fields.length + 4;
  const head = Buffer.alloc(8 + directoryBytes);
  head.write('II*\0\x08\0\0\0', 'latin1');
  head.writeUInt16LE(fields.length, 8);
  const outside: Buffer[] = [];
  let outsideAt = head.length;
  fields.forEach(({ tag, type, values }, i) => {
    const entry = 10 + 12 * i;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(values.length, entry + 4);
    const data = encodeValues(type, values);
    if (data.length <= 4) data.copy(head, entry + 8);
    else {
      head.writeUInt32LE(outsideAt, entry + 8);
      outside.push(data);
      outsideAt += data.length;
    }
  });
  return Buffer.concat([head, ...outside]);
}

/** Padded to an even length: TIFF offsets are even. */
function encodeValues(type: number, values: Uint8Array | number[]): Buffer {
  const size = type === SHORT ? 2 : type === LONG ? 4 : 1;
  const data = Buffer.alloc(values.length * size + ((values.length * size) % 2));
  values.forEach((value, i) => {
    data.writeUIntLE(value, i * size, size);
  });
  return data;
}
