import { type NormalizedPicture, normalize } from '../../functions/resize-image/picture/normalize.ts';
import { type Climbed, climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import type { AskModel } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import type { Attempt } from '../../shared/results/document.ts';
import { CallRows } from './call-rows.ts';

/** One picture asked about, nothing stored. Sizes in bytes and pixels, times in milliseconds. */
export interface Trial extends Climbed {
  input: { bytes: number } & NormalizedPicture['source'];
  prepared: Omit<NormalizedPicture, 'bytes' | 'source'> & { bytes: number };
  prepareMs: number;
  modelMs: number;
  attempts: Attempt[];
}

/** As resize-image accepts by default. */
const MAX_PIXELS = 100_000_000;

/** Prepares the picture and asks about it with the code of resize-image and analyze-image. */
export async function tryProfile(
  profile: Profile,
  input: Buffer,
  call: AskModel,
  signal: AbortSignal,
): Promise<Trial> {
  const preparing = Date.now();
  const picture = await normalize(input, { maxSide: profile.maxSide, maxPixels: MAX_PIXELS, signal });
  const asking = Date.now();
  const image = { mimeType: 'image/jpeg', base64: picture.bytes.toString('base64') };
  const charges = new CallRows();
  const codes = lookForCodes(image, { error: () => undefined });
  const prompt = composePrompt(profile, loadReferences([profile])(profile));
  const climbed = await climb({ profile, prompt, image, call, codes, charges }, signal);
  const { bytes, source, ...prepared } = picture;
  return {
    ...climbed,
    input: { bytes: input.length, ...source },
    prepared: { ...prepared, bytes: bytes.length },
    prepareMs: asking - preparing,
    modelMs: Date.now() - asking,
    attempts: charges.attempts,
  };
}
