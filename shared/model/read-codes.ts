import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Log } from '../base/log.ts';
import { withDeadline } from '../base/resilience/deadline.ts';
import type { PrintedCode } from '../profiles/checks.ts';
import type { ModelRequest } from './request.ts';

/** The codes in one picture; undefined when they cannot be told. Never throws. */
export type LookForCodes = (signal: AbortSignal) => Promise<readonly PrintedCode[] | undefined>;

/** So long a paid answer waits to be checked, in milliseconds. */
const LIMIT_MS = 5_000;

/** Reads the picture's codes when first asked, once for all steps of the ladder. */
export function lookForCodes(image: ModelRequest['image'], log: Pick<Log, 'error'>): LookForCodes {
  let looking: Promise<readonly PrintedCode[] | undefined> | undefined;
  return (signal) => {
    looking ??= withDeadline(LIMIT_MS, signal, async (inner) => {
      const base64 = 'base64' in image ? image.base64 : await image.read(inner);
      return readCodes(Buffer.from(base64, 'base64'));
    }).catch((error: unknown) => {
      log.error('analyze.codes-unread', error);
      return undefined;
    });
    return looking;
  };
}

/** Codes of goods that carry a check of their own; Code 39 and plain ITF have none and are misread in texture. */
const FORMATS = ['EANUPC', 'Code128', 'ITF14', 'QRCode'] as const;

/** As many scan lines of a bar code must agree: the fewer, the more codes that nobody printed. */
const MIN_LINES = 3;

/**
 * Pixels, long side. The thirty codes of a 3072-pixel shelf are all read at 1536, in 40 ms; at 2048 in 80 ms, at 1024
 * none is.
 */
const MAX_SIDE = 1536;
const MAX_PIXELS = 100_000_000;
const MAX_CODES = 64;

type Decoder = Pick<typeof import('zxing-wasm/reader'), 'readBarcodes'>;

let loading: Promise<Decoder> | undefined;

/** Loaded with the first picture: processes that never look at one carry neither sharp nor the decoder. */
function decoder(): Promise<Decoder> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Decoder> {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader');
  // Without its binary in hand the library fetches one from a CDN.
  const path = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const binary = await readFile(path);
  const wasmBinary = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength);
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  return { readBarcodes };
}

/**
 * The codes in an upright picture that are read with certainty, each text once. Takes the event loop 10 ms for a
 * label and 40 ms for thirty codes; codes turned by 25 to 65 degrees stay unread. Throws when it cannot be decoded.
 */
async function readCodes(picture: Buffer): Promise<PrintedCode[]> {
  const [{ readBarcodes }, gray] = await Promise.all([decoder(), grayMap(picture)]);
  const found = await readBarcodes(gray, {
    formats: [...FORMATS],
    minLineCount: MIN_LINES,
    maxNumberOfSymbols: MAX_CODES,
    tryHarder: true,
    tryInvert: false,
    tryDownscale: false,
  });
  const codes = new Map(
    found.filter(({ isValid, text }) => isValid && text !== '').map((code) => [code.text, code]),
  );
  return [...codes.values()].map(({ format, text }) => ({ format: String(format), text }));
}

/** The picture as a portable gray map, which the decoder takes as it is: a quarter of the bytes of RGBA. */
async function grayMap(picture: Buffer): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(picture, { limitInputPixels: MAX_PIXELS })
    .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.concat([Buffer.from(`P5\n${info.width} ${info.height}\n255\n`), data]);
}
