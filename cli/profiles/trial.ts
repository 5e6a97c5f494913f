import { type NormalizedPicture, normalize } from '../../functions/resize-image/picture/normalize.ts';
import { type Climbed, climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import type { AskModel } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import type { Preparation } from '../../shared/profiles/preparation.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import type { Attempt } from '../../shared/results/document.ts';
import { CallRows } from './call-rows.ts';

/** One picture asked about, nothing stored. Sizes in bytes and pixels, times in milliseconds. */
export interface Trial extends Climbed {
  input: { bytes: number } & NormalizedPicture['source'];
  prepared: Omit<NormalizedPicture, 'bytes' | 'source'> & { bytes: number };
  prepareMs: number;
  /** The same picture as either preparation makes it; the model is asked about the profile's. */
  preparations: PreparationTrial[];
  modelMs: number;
  attempts: Attempt[];
}

export interface PreparationTrial {
  name: Preparation;
  width: number;
  height: number;
  bytes: number;
  /** JPEG quality; absent when the picture was kept as it is. */
  quality?: number;
  reencoded: boolean;
  prepareMs: number;
  isAsked: boolean;
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
  const wanted = wantedPicture(profile);
  const prepare = async (preparation: Preparation) => {
    const started = Date.now();
    const picture = await normalize(input, { ...wanted, preparation, maxPixels: MAX_PIXELS, signal });
    return { preparation, picture, prepareMs: Date.now() - started };
  };
  // The first picture of a process pays for loading the library; the times below are to be compared.
  await prepare(wanted.preparation);
  const faithful = await prepare('faithful');
  const fast = await prepare('fast');
  const { picture, prepareMs } = wanted.preparation === 'fast' ? fast : faithful;
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
    prepareMs,
    preparations: [faithful, fast].map((made) => preparationTrial(made, wanted.preparation)),
    modelMs: Date.now() - asking,
    attempts: charges.attempts,
  };
}

function preparationTrial(
  made: { preparation: Preparation; picture: NormalizedPicture; prepareMs: number },
  asked: Preparation,
): PreparationTrial {
  const { width, height, bytes, quality, reencoded } = made.picture;
  return {
    name: made.preparation,
    width,
    height,
    bytes: bytes.length,
    ...(quality === undefined ? {} : { quality }),
    reencoded,
    prepareMs: made.prepareMs,
    isAsked: made.preparation === asked,
  };
}
