import type { Preparation } from '../../../shared/profiles/preparation.ts';
import { profileOfColors } from './color-numbers/profile-of-colors.ts';
import { profiledAvif } from './color-numbers/profiled-avif.ts';
import { corrupt, tooManyPixels } from './decode-failure.ts';
import { isCutOff } from './file-end.ts';
import type { Format } from './format.ts';
import { asStillAvif } from './heic/brands.ts';
import { declaredSize } from './heic/declared-size.ts';
import { decodeHeic } from './heic/decode-heic.ts';
import { namedColors } from './heic/named-colors.ts';
import { type Declared, inspect, sniff } from './inspect.ts';
import { passThrough } from './jpeg/pass-through.ts';
import { mainPicture } from './jpeg/structure.ts';
import { type Rendered, type RenderOptions, render } from './render.ts';
import { renderSvg } from './svg/render-svg.ts';

export interface PreparedPixels {
  bytes: Buffer;
  width: number;
  height: number;
  /** False when the coded data of the file was kept as it was; the next two are absent then. */
  reencoded: boolean;
  preparation?: Preparation;
  /** JPEG quality, 1 to 100. */
  quality?: number;
  /** As the file declares it: before EXIF turns it upright, but as turned by HEIC's and AVIF's own properties. */
  source: { format: Format; width: number; height: number };
}

/** How one file is prepared, known from its header alone. */
interface Recipe {
  /** What its decoder holds in memory, as the pixels of a baseline JPEG that would hold as much. */
  weight: number;
  prepare: (signal: AbortSignal) => Promise<PreparedPixels>;
}

/**
 * Memory per pixel relative to a baseline JPEG, which libvips decodes row by row (20 MiB for 12 megapixels, measured
 * with sharp 0.35.5). Interlaced and progressive pictures are held whole, up to 90 MiB; so are those of the modern
 * formats: WebP 61, GIF 66, HEIC 154, AVIF 224, with more than 8 bits 370.
 */
const PROGRESSIVE_WEIGHT = 5;
const WEIGHTS: Record<Exclude<Format, 'svg'>, number> = {
  jpeg: 1,
  png: 1,
  tiff: 2,
  webp: 3,
  gif: 4,
  heic: 8,
  avif: 11,
};
const DEEP_AVIF_WEIGHT = 18;

/** A process with its own copy of the renderer costs about as much as this many pixels, on top of what it draws. */
const SVG_PROCESS_PIXELS = 10_000_000;

/**
 * Chooses the recipe; reads headers, decodes nothing.
 * @throws NOT_AN_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, CORRUPT_IMAGE
 */
export async function recipeFor(input: Buffer, options: RenderOptions): Promise<Recipe> {
  const format = sniff(input);
  if (format === 'svg') return svgRecipe(input, options);
  if (format === 'heic') return heicRecipe(input, options);
  const bytes = decodable(input, format);
  if (!bytes) throw corrupt(format);
  const declared = await inspect(bytes, format, options.maxPixels);
  const { width, height } = declared;
  const prepare = async (signal: AbortSignal): Promise<PreparedPixels> => {
    const source = { format, width, height };
    const untouched = await passThrough(bytes, declared, options);
    if (untouched && !isOver(untouched.bytes, options)) return { ...untouched, reencoded: false, source };
    signal.throwIfAborted();
    const made = await rendered(bytes, declared, options);
    // Saved at a lower quality than ours, perhaps.
    if (untouched && untouched.bytes.length <= made.bytes.length)
      return { ...untouched, reencoded: false, source };
    return { ...reencoded(made, options), source };
  };
  return { weight: width * height * weightOf(format, declared), prepare };
}

function weightOf(format: Exclude<Format, 'svg'>, { progressive, isDeep }: Declared): number {
  if (progressive) return PROGRESSIVE_WEIGHT;
  return format === 'avif' && isDeep ? DEEP_AVIF_WEIGHT : WEIGHTS[format];
}

/** An AVIF names its colors by numbers that sharp does not know; all others have a profile, or none. */
async function rendered(bytes: Buffer, declared: Declared, options: RenderOptions): Promise<Rendered> {
  const colors = declared.format === 'avif' ? namedColors(bytes) : undefined;
  const profile = colors && profileOfColors(colors);
  if (!profile) return render(bytes, declared, options);
  const tiff = await profiledAvif(bytes, declared, profile, options);
  return render(tiff, await inspect(tiff, declared.format, options.maxPixels), options);
}

/** What the decoder is given; undefined if the file is cut off. */
function decodable(input: Buffer, format: Format): Buffer | undefined {
  if (format === 'jpeg') return mainPicture(input);
  if (isCutOff(input, format)) return undefined;
  return format === 'avif' ? asStillAvif(input) : input;
}

const isOver = (bytes: Buffer, { maxBytes = Number.POSITIVE_INFINITY }: RenderOptions): boolean =>
  bytes.length > maxBytes;

const reencoded = (made: Rendered, { preparation }: RenderOptions) => ({
  ...made,
  reencoded: true as const,
  preparation,
});

function heicRecipe(input: Buffer, options: RenderOptions): Recipe {
  const size = declaredSize(input);
  if (!size) throw corrupt('heic');
  const { width, height } = size;
  if (width * height > options.maxPixels) throw tooManyPixels(width, height, options.maxPixels);
  const prepare = async (signal: AbortSignal): Promise<PreparedPixels> => {
    const decoded = await decodeHeic(input, options.maxPixels, signal);
    const declared = await inspect(decoded, 'heic', options.maxPixels);
    const source = { format: 'heic' as const, width: declared.width, height: declared.height };
    return { ...reencoded(await render(decoded, declared, options), options), source };
  };
  return { weight: width * height * WEIGHTS.heic, prepare };
}

function svgRecipe(input: Buffer, options: RenderOptions): Recipe {
  const prepare = async (signal: AbortSignal): Promise<PreparedPixels> => {
    const { declared, ...rendered } = await renderSvg(input, options, signal);
    return { ...reencoded(rendered, options), source: { format: 'svg', ...declared } };
  };
  return { weight: SVG_PROCESS_PIXELS + options.maxSide ** 2, prepare };
}
