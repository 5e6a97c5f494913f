/** One box of a HEIF file. */
export function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A crop around a point: sizes in pixels, distances of the centers in pixels (`clap`). */
export function cleanAperture(width: number, height: number, right: number, down: number): Buffer {
  const content = Buffer.alloc(32);
  [width, 1, height, 1, right, 1, down, 1].forEach((value, i) => {
    content.writeInt32BE(value, 4 * i);
  });
  return box('clap', content);
}

/**
 * A small HEIC file (`tiny-heic.ts`: one byte an index, two bytes an id, first the main picture) with one more property of
 * its main picture, before all others.
 */
export function withProperty(heic: Buffer, property: Buffer): Buffer {
  const at = (type: string) => heic.indexOf(type, 0, 'latin1') - 4;
  const ipco = at('ipco');
  const ipcoEnd = ipco + heic.readUInt32BE(ipco);
  const ipma = at('ipma');
  const countAt = ipma + 18;
  const own = readProperties(heic.subarray(ipco + 8, ipcoEnd));
  const parts = [
    heic.subarray(0, ipcoEnd),
    property,
    heic.subarray(ipcoEnd, countAt + 1),
    Buffer.from([0x80 | (own + 1)]),
    heic.subarray(countAt + 1),
  ];
  const file = Buffer.concat(parts);
  const grow = (place: number, by: number) => file.writeUInt32BE(file.readUInt32BE(place) + by, place);
  for (const type of ['meta', 'iprp']) grow(at(type), property.length + 1);
  grow(ipco, property.length);
  grow(ipma + property.length, 1);
  file.writeUInt8(file.readUInt8(countAt + property.length) + 1, countAt + property.length);
  // Items with one extent each: where they are in the file.
  const iloc = at('iloc');
  const items = file.readUInt16BE(iloc + 14);
  for (let i = 0; i < items; i += 1) grow(iloc + 20 + 18 * i, property.length + 1);
  return file;
}

function readProperties(content: Buffer): number {
  let count = 0;
  for (let at = 0; at < content.length; at += content.readUInt32BE(at)) count += 1;
  return count;
}

/** Colors by numbers (`nclx`: ITU-T H.273 primaries, transfer, matrix; whether all values are used). */
export function colorNumbers(numbers: [number, number, number], fullRange: boolean): Buffer {
  const content = Buffer.from('nclx\0\0\0\0\0\0\0', 'latin1');
  return withColors(box('colr', content), numbers, fullRange);
}

/** The file with other numbers for its colors (`nclx`: ITU-T H.273 primaries, transfer, matrix; whether all values are used). */
export function withColors(
  heif: Buffer,
  [primaries, transfer, matrix]: [number, number, number],
  fullRange: boolean,
): Buffer {
  const at = heif.indexOf('nclx', 0, 'latin1');
  if (at === -1) throw new Error('the file names no colors');
  const file = Buffer.from(heif);
  [primaries, transfer, matrix].forEach((value, i) => {
    file.writeUInt16BE(value, at + 4 + 2 * i);
  });
  file.writeUInt8(fullRange ? 0x80 : 0, at + 10);
  return file;
}
