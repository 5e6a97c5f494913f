import type { PriceBook } from '../prices/price-book.ts';
import type { MediaResolution } from '../profiles/define.ts';
import type { ReferencePicture } from '../profiles/references.ts';
import type { ModelRequest } from './model.ts';

/** What is the same for every picture of a profile, sent with each or kept in a context cache. */
export type Standing = Pick<ModelRequest, 'model' | 'instructions' | 'references'> & {
  step: Pick<ModelRequest['step'], 'mediaResolution'>;
};

/** A part of a request, as both APIs take it. */
export interface StandingPart {
  text?: string;
  inlineData?: { mimeType: string; data: string };
  mediaResolution?: { level: string };
}

/** Google's rule of thumb for English. */
const CHARACTERS_PER_TOKEN = 4;

/** A text belongs to the pictures before it, so each caption follows its own, and the last one ends them all. */
const captionOf = ({ caption }: ReferencePicture, i: number, { length }: readonly unknown[]): string =>
  `Reference picture ${i + 1} of ${length}: ${caption}` +
  (i === length - 1 ? '\nThe reference pictures end here. Answer about the next picture only.' : '');

/**
 * The reference pictures and their captions, to stand before the picture. `cachedAt` names the resolution for a cache,
 * which has no generation config to say it for all of its pictures
 * (https://ai.google.dev/gemini-api/docs/generate-content/media-resolution, read 2026-11-20).
 */
export function referenceParts(
  references: readonly ReferencePicture[] = [],
  cachedAt?: MediaResolution,
): StandingPart[] {
  const resolution =
    cachedAt === undefined ? {} : { mediaResolution: { level: `MEDIA_RESOLUTION_${cachedAt}` } };
  return references.flatMap((picture, i) => [
    { inlineData: { mimeType: picture.mimeType, data: picture.base64 }, ...resolution },
    { text: captionOf(picture, i, references) },
  ]);
}

/** Characters of everything that is said about the reference pictures. */
export const captionCharacters = (references: readonly ReferencePicture[] = []): number =>
  references.map(captionOf).reduce((sum, text) => sum + text.length, 0);

/** Tokens of the reference pictures at the request's resolution, without their captions. */
export const referenceTokens = (
  book: PriceBook,
  { model, step, references = [] }: Omit<Standing, 'instructions'>,
): number =>
  references.reduce((sum, picture) => sum + book.imageTokens(model, picture, step.mediaResolution), 0);

/** Estimated tokens of all of it, as a context cache would hold it. */
export const standingTokens = (book: PriceBook, standing: Standing): number =>
  Math.ceil(standing.instructions.length / CHARACTERS_PER_TOKEN) +
  Math.ceil(captionCharacters(standing.references) / CHARACTERS_PER_TOKEN) +
  referenceTokens(book, standing);

/** Says which contents are the same: model, words and pictures; pictures also differ by their resolution. */
export const standingIdentity = ({ model, instructions, step, references = [] }: Standing): string =>
  [
    model,
    instructions,
    ...(references.length > 0 ? [step.mediaResolution] : []),
    ...references.map(({ sha256, caption }) => `${sha256} ${caption}`),
  ].join('\n');
