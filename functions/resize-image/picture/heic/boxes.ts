/** One box of an ISO base media file (ISO/IEC 14496-12, 4.2). Places are offsets in the file. */
export interface Box {
  type: string;
  /** Where its type is written. */
  typeAt: number;
  contentAt: number;
  end: number;
}

/** A file with more boxes than this on the way is made to be slow, not to be looked at. */
const MAX_BOXES = 10_000;

/** The boxes that follow each other between two places; stops where one would not fit. */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Box> {
  for (let at = from, seen = 0; at + 8 <= to && seen < MAX_BOXES; seen += 1) {
    const box = readBox(bytes, at, to);
    if (box.end > to || box.end <= at || box.contentAt > box.end) return;
    yield box;
    at = box.end;
  }
}

/** The first of this type between two places. */
export function boxIn(bytes: Buffer, type: string, from: number, to: number): Box | undefined {
  for (const box of boxesIn(bytes, from, to)) if (box.type === type) return box;
  return undefined;
}

/** Size 0 means "to the end of the file", size 1 means that the real, 64-bit size follows the type. */
function readBox(bytes: Buffer, at: number, to: number): Box {
  const size = bytes.readUInt32BE(at);
  const box = { type: bytes.toString('latin1', at + 4, at + 8), typeAt: at + 4, contentAt: at + 8 };
  if (size === 0) return { ...box, end: to };
  if (size !== 1 || at + 16 > to) return { ...box, end: at + size };
  return { ...box, contentAt: at + 16, end: at + Number(bytes.readBigUInt64BE(at + 8)) };
}
