import type { Lane } from '../prices/lanes.ts';
import type { MediaResolution, PriceList, TokenUsage } from '../prices/price-list.ts';
import { PRICE_TABLE } from '../prices/table.ts';
import type { LadderStep } from '../profiles/define.ts';
import type { ReferencePicture } from '../profiles/references.ts';
import type { ResponseSchema } from '../profiles/schema/response-schema.ts';

/** What a picture costs at most, by mediaResolution. */
const IMAGE_TOKENS: Readonly<Record<MediaResolution, number>> = PRICE_TABLE.imageTokenBudgets;

/** Input tokens of a request, to reserve before the call; the bill corrects them. */
export function estimatePromptTokens(request: ModelRequest): number {
  const { step, instructions, references = [], prompt, repair } = request;
  const characters =
    instructions.length +
    captionCharacters(references) +
    prompt.length +
    (repair ? repair.answer.length + repair.issues.length : 0);
  const pictures = 1 + references.length;
  return pictures * IMAGE_TOKENS[step.mediaResolution] + Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** One question to one model about one picture. */
export interface ModelRequest {
  model: string;
  /** How the call is to be served; `standard` when absent. */
  lane?: Lane;
  /** Models that may answer as well as `model`; a router chooses, an API ignores them. */
  alternatives?: readonly string[];
  step: Pick<LadderStep, 'mediaResolution' | 'thinkingLevel' | 'maxOutputTokens'>;
  /** Standing instructions, apart from the picture and what is asked of it. */
  instructions: string;
  /** Pictures that explain what is asked; sent before the one that is asked about. */
  references?: readonly ReferencePicture[];
  /** Name of an explicit context cache that holds instructions and references; they are not sent again then. */
  cachedContent?: string;
  /** What is asked; sent after the picture. */
  prompt: string;
  /** OpenAPI subset that the answer must follow. */
  responseSchema: ResponseSchema;
  /** For estimates: output tokens that the places of the values are expected to take beside the answer. */
  evidenceTokens?: number;
  image: PictureBytes | StoredPicture;
  /** An earlier answer that did not validate, and what was wrong with it. */
  repair?: { answer: string; issues: string };
  /** Told of every call that is made for this request, repeated ones included. */
  charges?: CallCharges;
}

/** A picture that goes along with the request. */
interface PictureBytes {
  mimeType: string;
  base64: string;
}

/** For estimates, which count a picture by its size. */
export const NO_IMAGE: PictureBytes = { mimeType: '', base64: '' };

/** The shape of most photos, for estimates before the size is known; other shapes cost up to 2 % less. */
export const USUAL_SHAPE = { width: 4, height: 3 };

/** A picture in a bucket: named to an API that fetches it itself, read for one that does not. */
export interface StoredPicture {
  mimeType: string;
  /** `gs://bucket/name`. */
  uri: string;
  /** Its bytes in base64; once read they are kept. */
  read(signal: AbortSignal): Promise<string>;
  exists(signal: AbortSignal): Promise<boolean>;
}

/** What is to be known of calls where they are made, inside all retries. */
export interface CallCharges {
  /** Before a call; a throw prevents it. */
  begin(request: ModelRequest, signal: AbortSignal): Promise<OpenCharge>;
}

/** A call under way; the first word about its end counts. */
export interface OpenCharge {
  /** What is sent instead of what was asked for, when there is money for a shorter answer only. */
  readonly request?: ModelRequest;
  answered(reply: ModelReply): void;
  failed(error: unknown): void;
}

/** How a reply ended; only `answer` is a success. */
export type ReplyEnd =
  | {
      kind: 'answer';
      text: string;
      /** How likely the answer and each of its fields is right, by path, where the reply says so. */
      confidence?: number;
      probabilities?: Readonly<Record<string, number>>;
    }
  /** Not what was asked for, and not worth asking for again. */
  | { kind: 'unusable'; reason: string }
  /** A safety rule refused the picture or the answer. */
  | { kind: 'blocked'; reason: string }
  /** The answer repeated a published text, or the model declined for a reason of its own; another one may not. */
  | { kind: 'recitation' | 'declined'; reason: string }
  /** maxOutputTokens was reached; `text` is what came until then, nothing when thinking took all of it. */
  | { kind: 'cut-off'; text: string }
  | { kind: 'empty' }
  /** A finish reason that is neither success nor a block we know; the set is open. */
  | { kind: 'odd-finish'; reason: string };

export interface ModelReply {
  end: ReplyEnd;
  /** Which of the request's models was asked; absent when there was no choice. */
  requested?: string;
  /** The model that answered, as the reply says; the requested id when the reply does not. */
  modelVersion: string;
  /** The lane that served the call, whatever was asked for; absent for `standard`. */
  lane?: Lane;
  /** Billed tokens; null when the reply has no usage. `prompt` includes image and cached tokens. */
  usage: TokenUsage | null;
}

/** Calls a model once. Throws a PipelineError with a MODEL_ code; never retries. */
export type AskModel = (request: ModelRequest, signal: AbortSignal) => Promise<ModelReply>;

/** What is the same for every picture of a profile, sent with each or kept in a context cache. */
export type PromptPrefix = Pick<ModelRequest, 'model' | 'instructions' | 'references'> & {
  step: Pick<ModelRequest['step'], 'mediaResolution'>;
};

/** A part of a request, as both APIs take it. */
interface PrefixPart {
  text?: string;
  inlineData?: { mimeType: string; data: string };
  mediaResolution?: { level: string };
}

/** Google's rule of thumb for English. */
export const CHARACTERS_PER_TOKEN = 4;

/** A text belongs to the pictures before it, so each caption follows its own, and the last one ends them all. */
const captionOf = ({ caption }: ReferencePicture, i: number, { length }: readonly unknown[]): string =>
  `Reference picture ${i + 1} of ${length}: ${caption}` +
  (i === length - 1 ? '\nThe reference pictures end here. Answer about the next picture only.' : '');

/**
 * The reference pictures and their captions, to stand before the picture. `eachAt` says the resolution with each
 * of them: in a cache, which has no generation config to say it for all of its pictures, and where it can be said no other way
 * (https://ai.google.dev/gemini-api/docs/generate-content/media-resolution, read 2026-11-20).
 */
export function referenceParts(
  references: readonly ReferencePicture[] = [],
  eachAt?: MediaResolution,
): PrefixPart[] {
  const resolution = eachAt === undefined ? {} : { mediaResolution: { level: `MEDIA_RESOLUTION_${eachAt}` } };
  return references.flatMap((picture, i) => [
    { inlineData: { mimeType: picture.mimeType, data: picture.base64 }, ...resolution },
    { text: captionOf(picture, i, references) },
  ]);
}

/**
 * How a resolution is said: of the whole request, or with each picture, the only way to ULTRA_HIGH
 * (https://ai.google.dev/gemini-api/docs/media-resolution, read 2026-09).
 */
export function saidResolution(resolution: MediaResolution): {
  ofAll: { mediaResolution?: string };
  ofEach: { mediaResolution?: { level: string } };
  perPart: MediaResolution | undefined;
} {
  const level = `MEDIA_RESOLUTION_${resolution}`;
  return resolution === 'ULTRA_HIGH'
    ? { ofAll: {}, ofEach: { mediaResolution: { level } }, perPart: resolution }
    : { ofAll: { mediaResolution: level }, ofEach: {}, perPart: undefined };
}

/** Characters of everything that is said about the reference pictures. */
export const captionCharacters = (references: readonly ReferencePicture[] = []): number =>
  references.map(captionOf).reduce((sum, text) => sum + text.length, 0);

/** Tokens of the reference pictures at the request's resolution, without their captions. */
export const referenceTokens = (
  prices: PriceList,
  { model, step, references = [] }: Omit<PromptPrefix, 'instructions'>,
): number =>
  references.reduce((sum, picture) => sum + prices.imageTokens(model, picture, step.mediaResolution), 0);

/** Estimated tokens of all of it, as a context cache would hold it. */
export const prefixTokens = (prices: PriceList, standing: PromptPrefix): number =>
  Math.ceil(standing.instructions.length / CHARACTERS_PER_TOKEN) +
  Math.ceil(captionCharacters(standing.references) / CHARACTERS_PER_TOKEN) +
  referenceTokens(prices, standing);

/** Says which contents are the same: model, words and pictures; pictures also differ by their resolution. */
export const prefixIdentity = ({ model, instructions, step, references = [] }: PromptPrefix): string =>
  [
    model,
    instructions,
    ...(references.length > 0 ? [step.mediaResolution] : []),
    ...references.map(({ sha256, caption }) => `${sha256} ${caption}`),
  ].join('\n');
