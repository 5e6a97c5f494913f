import { type Directory, type Field, TiffFile } from './directory.ts';

/**
 * The fields that pixels are decoded by. All others say something about the picture, and libtiff warns of them although
 * every pixel is there:
 * - texts without their final zero: GeoTIFFs (34737), and what scanners write into Software and DateTime;
 * - `PageNumber` (297) with one value instead of two: fax software;
 * - private fields of wrong types and counts: microscopes and cameras.
 */
const NEEDED = new Set([
  ...[256, 257, 258, 259, 262, 266, 274, 277], // size, bits, compression, color, order of bits, orientation, channels
  ...[273, 278, 279, 322, 323, 324, 325, 284], // where the pixels are: strips, tiles, planes
  ...[292, 293, 317, 347], // what a compression needs: fax options, predictor, tables of JPEG
  ...[318, 320, 332, 338, 339, 529, 530, 531, 532], // what a kind of color needs
  ...[34_675, 37_439], // ICC profile, LogLuv's unit of light
]);

const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const EXTRA_SAMPLES = 338;
const UNSPECIFIED = 0;
/** Channels that a kind of color has without any others, by its number. */
const COLOR_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3 };

/** A file with more pages than this is made to be slow, not to be looked at. */
const MAX_PAGES = 10_000;

/**
 * The file with no more in its directory than its first page's pixels need, sorted as the standard demands and
 * hand-written writers do not, and with a name for a fourth channel, which old writers of RGBA left out.
 * @returns undefined if a part of the file is missing: what is careless in a whole file is damage in a cut-off one.
 */
export function onlyNeededFields(bytes: Buffer): Buffer | undefined {
  try {
    const tiff = new TiffFile(bytes);
    const main = wholeMain(tiff);
    return main && tiff.withOnly(neededOf(tiff, main));
  } catch (error) {
    // Read beyond its end: the file is cut off or damaged.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The directory of the first page, if those of all pages have everything that they name. */
function wholeMain(tiff: TiffFile): Directory | undefined {
  const seen = new Set<number>();
  let main: Directory | undefined;
  for (let at = tiff.firstDirectoryAt; at !== 0 && !seen.has(at) && seen.size < MAX_PAGES; ) {
    const directory = tiff.directoryAt(at);
    if (directory.fields.some(({ isWhole }) => !isWhole)) return undefined;
    main ??= directory;
    seen.add(at);
    at = directory.next;
  }
  return main;
}

/** As they are to be written. Of two fields with one tag the first counts. */
function neededOf(tiff: TiffFile, { fields }: Directory): Buffer[] {
  const needed = new Map<number, Field>();
  for (const field of fields) {
    if (NEEDED.has(field.tag) && field.count > 0 && !needed.has(field.tag)) needed.set(field.tag, field);
  }
  const written = new Map([...needed].map(([tag, field]) => [tag, tiff.written(field)]));
  if (hasUnnamedChannel(needed)) written.set(EXTRA_SAMPLES, tiff.newField(EXTRA_SAMPLES, UNSPECIFIED));
  return [...written].sort(([a], [b]) => a - b).map(([, field]) => field);
}

function hasUnnamedChannel(fields: ReadonlyMap<number, Field>): boolean {
  const number = (tag: number) => fields.get(tag)?.numbers[0];
  const channels = COLOR_CHANNELS[number(PHOTOMETRIC) ?? -1];
  return !fields.has(EXTRA_SAMPLES) && channels !== undefined && number(SAMPLES_PER_PIXEL) === channels + 1;
}
