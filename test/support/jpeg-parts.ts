import sharp from 'sharp';
import { insertSegments, segment } from './pictures.ts';

/** A file as a list of what stands in it one after the other: start, segments, coded data, end. */
export function partsOf(jpeg: Buffer): Buffer[] {
  const parts = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xd9) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    parts.push(jpeg.subarray(at, end));
    at = end;
    if (parts.at(-1)?.[1] !== 0xda) continue;
    while (!(jpeg[at] === 0xff && isMarker(jpeg[at + 1] ?? 0))) at += 1;
    parts.push(jpeg.subarray(end, at));
  }
  return [...parts, jpeg.subarray(at, at + 2)];
}

const isMarker = (byte: number): boolean => byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7);

/** The segment with more behind its content; its length says so. */
export const lengthened = (part: Buffer, more: Buffer): Buffer =>
  segment(part.readUInt8(1), Buffer.concat([part.subarray(4), more]));

/** Gray, ten units of 16 x 16 pixels wide, a restart marker behind each; `block` makes the coded data of one. */
export async function withRestarts(block = (coded: Buffer): Buffer => coded): Promise<Buffer> {
  const one = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a0a0a0' } })
    .jpeg()
    .toBuffer();
  const parts = partsOf(one);
  const wide = parts.map((part) => {
    if (part[1] !== 0xc0) return part;
    const frame = Buffer.from(part);
    frame.writeUInt16BE(160, 7);
    return frame;
  });
  const coded = parts.at(-2) ?? Buffer.alloc(0);
  const blocks = Array.from({ length: 10 }, (_, i) =>
    i === 9 ? [block(coded)] : [block(coded), Buffer.from([0xff, 0xd0 + (i % 8)])],
  ).flat();
  const end = wide.at(-1) ?? Buffer.alloc(0);
  return insertSegments(Buffer.concat([...wide.slice(0, -2), ...blocks, end]), [
    segment(0xdd, Buffer.from([0, 1])),
  ]);
}
