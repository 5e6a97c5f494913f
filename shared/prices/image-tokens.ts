export interface PixelSize {
  /** Pixels, upright. */
  width: number;
  height: number;
}

const TILE_TOKENS = 258;
const TILE_FREE_SIDE = 384;

/**
 * Tokens of one picture. `budget` (3.x, 4.x): floor(sqrt(B*w/h)) * floor(sqrt(B*h/w)) of the resolution's budget B,
 * whatever the pixels. `tiles` (2.x): 258 up to 384 px, else 258 per tile of floor(min(w, h) / 1.5) px.
 * Source: https://ai.google.dev/gemini-api/docs/media-resolution, read 2026-11-20.
 */
export function imageTokensOf(
  rule: 'budget' | 'tiles',
  budget: number,
  { width, height }: PixelSize,
): number {
  if (rule === 'budget') {
    const across = Math.floor(Math.sqrt((budget * width) / height));
    return Math.max(1, across * Math.floor(Math.sqrt((budget * height) / width)));
  }
  if (width <= TILE_FREE_SIDE && height <= TILE_FREE_SIDE) return TILE_TOKENS;
  const unit = Math.max(1, Math.floor(Math.min(width, height) / 1.5));
  return Math.ceil(width / unit) * Math.ceil(height / unit) * TILE_TOKENS;
}
