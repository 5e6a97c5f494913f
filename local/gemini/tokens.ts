import { MEDIA_BUDGETS, type ModelFacts } from './models.ts';

export interface PixelSize {
  /** Pixels, upright. */
  width: number;
  height: number;
}

export type MediaResolution = keyof typeof MEDIA_BUDGETS | 'MEDIA_RESOLUTION_UNSPECIFIED';

const CHARACTERS_PER_TOKEN = 4;
const TILE_TOKENS = 258;
const TILE_FREE_SIDE = 384;
/** 1824 x 1368 px for 1120 tokens. */
const PIXELS_PER_TOKEN = 2228;

/** Tokens of a text: about four characters each. */
export const textTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The text that fits into this many tokens. */
export const textWithin = (text: string, tokens: number): string =>
  text.slice(0, Math.max(0, tokens) * CHARACTERS_PER_TOKEN);

/** 3.x and 4.x: floor(sqrt(B*w/h)) * floor(sqrt(B*h/w)) of the resolution's budget B; pixels do not matter. */
function budgetTokens({ width, height }: PixelSize, budget: number): number {
  return Math.floor(Math.sqrt((budget * width) / height)) * Math.floor(Math.sqrt((budget * height) / width));
}

/** 2.x: 258 up to 384 px, else 258 per tile of floor(min(w, h) / 1.5) px. */
function tileTokens({ width, height }: PixelSize): number {
  if (width <= TILE_FREE_SIDE && height <= TILE_FREE_SIDE) return TILE_TOKENS;
  const unit = Math.max(1, Math.floor(Math.min(width, height) / 1.5));
  return Math.ceil(width / unit) * Math.ceil(height / unit) * TILE_TOKENS;
}

export function imageTokens(size: PixelSize, resolution: MediaResolution, model: ModelFacts): number {
  if (model.imageTokens === 'tiles') return tileTokens(size);
  return Math.max(1, budgetTokens(size, budgetOf(resolution)));
}

/** A page costs what its picture would at half the resolution's default; text that the PDF holds costs nothing more. */
export function pageTokens(resolution: MediaResolution, model: ModelFacts): number {
  if (model.imageTokens === 'tiles') return TILE_TOKENS;
  return MEDIA_BUDGETS[
    resolution === 'MEDIA_RESOLUTION_UNSPECIFIED' ? 'MEDIA_RESOLUTION_MEDIUM' : resolution
  ];
}

const budgetOf = (resolution: MediaResolution): number =>
  MEDIA_BUDGETS[resolution === 'MEDIA_RESOLUTION_UNSPECIFIED' ? 'MEDIA_RESOLUTION_HIGH' : resolution];

/**
 * Pixels of a picture that a resolution can use: about 912 px long side for LOW, 1296 MEDIUM, 1824 HIGH and 2592
 * ULTRA_HIGH at 4:3. More are shrunk away before the model sees them; undefined where pixels are tiled instead.
 */
export function usablePixels(resolution: MediaResolution, model: ModelFacts): number | undefined {
  return model.imageTokens === 'tiles' ? undefined : budgetOf(resolution) * PIXELS_PER_TOKEN;
}
