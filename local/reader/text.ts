import type { TurnedCode } from './barcodes.ts';
import type { ReadWord } from './facts.ts';
import { type ReadText, toText, type Word, worth } from './lines.ts';
import type { TextRecognizer } from './ocr.ts';
import { grayPng, open, type Pixels } from './pixels.ts';
import { placeOf, type Turned } from './place.ts';

/** Long side of a page in pixels: print of a label is legible, and a page costs tenths of a second. */
const PAGE_SIDE = 1600;
/** Enough to see which way up the text is. */
const GLANCE_SIDE = 800;
/** So many letters at once do not come from texture. */
const PLENTY = 8;
const SOME = 3;
/** Upside-down print gives letters too, but doubtful ones. */
const SURE_PAGE = 0.85;
/** Gray values hardly differ: there is nothing to read (0..255). */
const FLAT_DEVIATION = 2;

/** Texture gives many doubtful words and hardly a sure one; turning it gives no more. */
const TEXTURE_WORDS = 30;
/** Steeper lines than this are straightened and read again, degrees. */
const STEEP = 1.5;

interface Page extends ReadText {
  /** Clockwise turn it was read at, degrees. */
  degrees: number;
  words: number;
  turned: Turned;
}

/** What is printed, and where. */
interface Print extends Pick<ReadText, 'text' | 'confidence'> {
  lines: ReadWord[][];
}

/** Reads the print upright: turned by the barcode, else by whichever quarter turn reads best. */
export async function readText(
  pixels: Pixels,
  codes: readonly TurnedCode[],
  ocr: TextRecognizer,
): Promise<Print> {
  if (await isFlat(pixels)) return { text: '', confidence: 0, lines: [] };
  const { text, confidence, rows, turned } = await readPages(pixels, codes, ocr);
  return { text, confidence, lines: rows.map((row) => row.map((word) => placed(word, turned))) };
}

const placed = ({ text, left, top, right, bottom }: Word, turned: Turned): ReadWord => ({
  text,
  place: placeOf(
    [
      { x: left, y: top },
      { x: right, y: top },
      { x: right, y: bottom },
      { x: left, y: bottom },
    ],
    turned,
  ),
});

async function readPages(pixels: Pixels, codes: readonly TurnedCode[], ocr: TextRecognizer): Promise<Page> {
  const read = (degrees: number, side = PAGE_SIDE) => readPage(pixels, degrees, side, ocr);
  const page = await uprightPage(codes, read);
  if (page.characters === 0 || Math.abs(page.slope) < STEEP) return page;
  return better(page, await read(page.degrees - page.slope));
}

type Read = (degrees: number, side?: number) => Promise<Page>;

async function uprightPage(codes: readonly TurnedCode[], read: Read): Promise<Page> {
  const base = -(codes[0]?.degrees ?? 0);
  const first = await read(base);
  if (isPlenty(first) || (codes.length > 0 && first.characters >= SOME)) return first;
  if (first.words > TEXTURE_WORDS && first.characters < SOME) return first;
  const turned = await bestQuarterTurn(base, read);
  return worth(turned) > worth(first) ? better(first, await read(turned.degrees)) : first;
}

const isPlenty = ({ characters, confidence }: ReadText): boolean =>
  characters >= PLENTY && confidence >= SURE_PAGE;

const better = (a: Page, b: Page): Page => (worth(b) > worth(a) ? b : a);

async function bestQuarterTurn(base: number, read: Read): Promise<Page> {
  let best = await read(base + 90, GLANCE_SIDE);
  for (const quarter of [270, 180]) {
    if (isPlenty(best)) return best;
    best = better(best, await read(base + quarter, GLANCE_SIDE));
  }
  return best;
}

async function readPage(pixels: Pixels, degrees: number, side: number, ocr: TextRecognizer): Promise<Page> {
  const { png, turned } = await grayPng(pixels, degrees, side);
  const words = await ocr.recognize(png);
  return { ...toText(words), degrees, words: words.length, turned };
}

async function isFlat(pixels: Pixels): Promise<boolean> {
  const { channels } = await open(pixels).resize(GLANCE_SIDE, GLANCE_SIDE, { fit: 'inside' }).stats();
  return channels.every((channel) => channel.stdev < FLAT_DEVIATION);
}
