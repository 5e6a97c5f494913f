import type { LadderStep } from '../profiles/define.ts';
import type { ReferencePicture } from '../profiles/references.ts';
import type { TokenUsage } from '../results/document.ts';

/** One question to one model about one picture. */
export interface ModelRequest {
  model: string;
  /** Models that may answer as well as `model`; whoever routes the request chooses, an API ignores them. */
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
  image: PictureBytes | StoredPicture;
  /** An earlier answer that did not validate, and what was wrong with it. */
  repair?: { answer: string; issues: string };
  /** Told of every call that is made for this request, repeated ones included. */
  meter?: CallMeter;
}

/** A picture that goes along with the request. */
export interface PictureBytes {
  mimeType: string;
  base64: string;
}

/** A picture in a bucket: named to an API that fetches it by itself, read for one that does not. */
export interface StoredPicture {
  mimeType: string;
  /** `gs://bucket/name`. */
  uri: string;
  /** Its bytes in base64; once read they are kept. */
  read(signal: AbortSignal): Promise<string>;
  exists(signal: AbortSignal): Promise<boolean>;
}

/** What is to be known of calls where they are made, inside all retries. */
export interface CallMeter {
  /** Before a call; a throw prevents it. */
  begin(request: ModelRequest, signal: AbortSignal): Promise<OpenCall>;
}

/** A call under way; the first word about its end counts. */
export interface OpenCall {
  /** What is sent instead of what was asked for, when there is money for a shorter answer only. */
  readonly request?: ModelRequest;
  answered(reply: ModelReply): void;
  failed(error: unknown): void;
}

/** OpenAPI 3.0 subset of `responseSchema` (https://ai.google.dev/gemini-api/docs/structured-output). */
export interface ResponseSchema {
  type: 'OBJECT' | 'ARRAY' | 'STRING' | 'NUMBER' | 'INTEGER' | 'BOOLEAN';
  description?: string;
  nullable?: boolean;
  enum?: string[];
  format?: string;
  items?: ResponseSchema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, ResponseSchema>;
  required?: string[];
  propertyOrdering?: string[];
}

/** How a reply ended; only `answer` is a success. */
export type ReplyEnd =
  | { kind: 'answer'; text: string }
  /** A safety rule refused the picture or the answer. */
  | { kind: 'blocked'; reason: string }
  /** maxOutputTokens was reached; `text` is what came until then. */
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
  /** Billed tokens; null when the reply has no usage. `prompt` includes image and cached tokens. */
  usage: TokenUsage | null;
}

/** Calls a model once. Throws a PipelineError with a MODEL_ code; never retries. */
export type GenerateContent = (request: ModelRequest, signal: AbortSignal) => Promise<ModelReply>;
