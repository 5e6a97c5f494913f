import sharp from 'sharp';
import { PDF_TYPE, type RequestDocument, readDocument } from './documents.ts';
import { badRequest, GeminiError, invalidArgument } from './errors.ts';
import type { GenerateContentRequest, Part } from './request.ts';
import type { MediaResolution, PixelSize } from './tokens.ts';

/** A picture of the request, still encoded, with its upright size in pixels. */
export interface RequestImage extends PixelSize {
  bytes: Buffer;
  resolution: MediaResolution;
}

/** Brings the bytes behind a `fileUri`; throws when it cannot, with a GeminiError where the API has words for it. */
export type OpenFile = (uri: string, signal: AbortSignal) => Promise<Buffer>;

/** What the parts of a request bring beside text. */
export interface RequestMedia {
  images: RequestImage[];
  documents: RequestDocument[];
}

const ACCEPTED_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/heic',
  'image/heif',
  PDF_TYPE,
];

/** 17,000 x 17,000 pixels and the like are refused before anything is decoded. */
const MAX_PIXELS = 100_000_000;
/** Holds the size unless color profiles or previews stand before it. */
const HEADER_BYTES = 64 * 1024;

const invalidImage = () => invalidArgument('Provided image is not valid.');

/** Every picture and document of the request, checked; the order is that of the parts. */
export async function readMedia(
  request: Pick<GenerateContentRequest, 'contents' | 'generationConfig'>,
  openFile: OpenFile | undefined,
  signal: AbortSignal,
): Promise<RequestMedia> {
  const fallback = request.generationConfig?.mediaResolution ?? 'MEDIA_RESOLUTION_UNSPECIFIED';
  const media: RequestMedia = { images: [], documents: [] };
  for (const [c, content] of (request.contents ?? []).entries()) {
    for (const [p, part] of (content.parts ?? []).entries()) {
      const found = await partBytes(part, `contents[${c}].parts[${p}]`, openFile, signal);
      if (!found) continue;
      const resolution = part.mediaResolution?.level ?? fallback;
      if (found.type === PDF_TYPE) media.documents.push(readDocument(found.bytes, resolution));
      else media.images.push({ bytes: found.bytes, resolution, ...(await measure(found.bytes)) });
    }
  }
  return media;
}

/** What the request says of its last picture, else of all. */
export function resolutionOf({
  contents,
  generationConfig,
}: Pick<GenerateContentRequest, 'contents' | 'generationConfig'>): MediaResolution | undefined {
  const levels = contents?.flatMap(({ parts }) => parts ?? []).map((part) => part.mediaResolution?.level);
  return levels?.findLast((level) => level !== undefined) ?? generationConfig?.mediaResolution;
}

/**
 * The pictures that the request asks about, of all that it brings: a text belongs to the pictures before it, so those
 * before an earlier text explain what is asked.
 */
export function askedAbout(
  { contents = [] }: GenerateContentRequest,
  images: readonly RequestImage[],
): readonly RequestImage[] {
  const kinds = contents.flatMap(({ parts = [] }) => parts.map(isPicture));
  const last = kinds.lastIndexOf(true);
  const explaining = kinds.slice(0, last).lastIndexOf(false) + 1;
  return images.slice(kinds.slice(0, explaining).filter(Boolean).length);
}

const isPicture = ({ inlineData, fileData }: Part): boolean =>
  (inlineData ?? fileData) !== undefined && (inlineData ?? fileData)?.mimeType !== PDF_TYPE;

interface FoundPart {
  bytes: Buffer;
  type: string;
}

async function partBytes(
  part: Part,
  path: string,
  openFile: OpenFile | undefined,
  signal: AbortSignal,
): Promise<FoundPart | undefined> {
  if (part.inlineData) return inlineBytes(part.inlineData, path);
  if (part.fileData) return fileBytes(part.fileData, openFile, signal);
  return undefined;
}

function inlineBytes(blob: NonNullable<Part['inlineData']>, path: string): FoundPart {
  const type = acceptedType(blob.mimeType);
  const bytes = decodeBase64(blob.data ?? '', `${path}.inline_data.data`);
  if (type === PDF_TYPE) return { bytes, type };
  if (bytes.length === 0 || !sameType(type, sniff(bytes))) throw invalidImage();
  return { bytes, type };
}

async function fileBytes(
  file: NonNullable<Part['fileData']>,
  openFile: OpenFile | undefined,
  signal: AbortSignal,
): Promise<FoundPart> {
  const uri = file.fileUri ?? '';
  if (!openFile) throw invalidArgument(`Unsupported file uri: ${uri}`);
  const bytes = await openFile(uri, signal).catch((error: unknown) => {
    if (error instanceof GeminiError) throw error;
    throw invalidArgument('Cannot fetch content from the provided URL.');
  });
  const declared = file.mimeType === undefined ? undefined : acceptedType(file.mimeType);
  if (declared === PDF_TYPE || (declared === undefined && bytes.subarray(0, 5).toString() === '%PDF-'))
    return { bytes, type: PDF_TYPE };
  const type = sniff(bytes);
  if (type === undefined || (declared !== undefined && !sameType(declared, type))) throw invalidImage();
  return { bytes, type };
}

function acceptedType(mimeType: string | undefined): string {
  const type = (mimeType ?? '').toLowerCase();
  if (!ACCEPTED_TYPES.includes(type)) throw invalidArgument(`Unsupported MIME type: ${mimeType ?? ''}`);
  return type;
}

/** HEIC is HEIF with one codec: the API takes either name for either. */
const sameType = (declared: string, found: string | undefined): boolean =>
  declared === found || (declared.startsWith('image/hei') && found?.startsWith('image/hei') === true);

/** Buffer.from skips what is not base64, so a wrong character shows as a shorter result. */
function decodeBase64(text: string, path: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (bytes.length === Math.floor(((text.length - padding) * 3) / 4)) return bytes;
  const shown = text.length > 24 ? `${text.slice(0, 24)}...` : text;
  const description = `Invalid value at '${path}' (TYPE_BYTES), Base64 decoding failed for "${shown}"`;
  throw badRequest([{ field: path.slice(0, path.lastIndexOf('.')), description }]);
}

/** The MIME type the bytes say they are, or undefined when it is none of the accepted ones. */
function sniff(bytes: Buffer): string | undefined {
  if (bytes.length < 12) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (bytes.readUInt32BE(0) === 0x89504e47) return 'image/png';
  const tag = bytes.toString('latin1', 8, 12);
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && tag === 'WEBP') return 'image/webp';
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  if (['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis'].includes(tag)) return 'image/heic';
  return ['mif1', 'msf1', 'heif'].includes(tag) ? 'image/heif' : undefined;
}

/** Reads the header only (about 0.1 ms); whether the pixels decode is the reader's to find out. */
async function measure(bytes: Buffer): Promise<PixelSize> {
  const metadata = await header(bytes.subarray(0, HEADER_BYTES))
    .catch(() => header(bytes))
    .catch(() => {
      throw invalidImage();
    });
  const { width, height } = metadata.autoOrient;
  if (width * height > MAX_PIXELS) throw invalidImage();
  return { width, height };
}

const header = (bytes: Buffer) => sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata();
