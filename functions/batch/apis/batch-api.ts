import type { ModelReply, ModelRequest } from '../../../shared/model/request.ts';

/** A request of a job before its picture is read: what stands before and behind the picture's bytes in its line. */
export interface RequestLine {
  key: string;
  head: string;
  tail: string;
  /** Whose bytes go between them, in base64; absent where the request names the picture. */
  picture?: { bucket: string; name: string; bytes: number };
}

/** A job as Google has it. */
export interface RemoteJob {
  name: string;
  state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';
  progress?: { answered: number; refused: number };
  /** Where its answers are, once there are any. */
  output?: string;
  problem?: string;
}

/** What Google says about one request. `status`: HTTP status of the refusal. */
export type ResultLine =
  | { key: string; reply: ModelReply }
  | { key: string; refusal: { status: number; message: string } };

/** What a batch API does. Throws PipelineErrors with a MODEL_ code; a job or file that does not exist is undefined. */
export interface BatchApi {
  readonly name: 'developer' | 'vertex';
  /** The line of a request. `bytes` of the picture as it was recorded. */
  line(key: string, request: ModelRequest, picture: NonNullable<RequestLine['picture']>): RequestLine;
  /** Stores the requests, in flat memory. `bytes`: all lines together. Resolves with the input's name. */
  store(id: string, lines: AsyncIterable<Buffer>, bytes: number, signal: AbortSignal): Promise<string>;
  /** Not idempotent: a repeated create is a second job. */
  create(id: string, model: string, input: string, signal: AbortSignal): Promise<RemoteJob>;
  /** The job that was created under our id. */
  find(id: string, signal: AbortSignal): Promise<RemoteJob | undefined>;
  get(name: string, signal: AbortSignal): Promise<RemoteJob | undefined>;
  cancel(name: string, signal: AbortSignal): Promise<void>;
  /** The answers in whatever order, in flat memory; undefined for a line that cannot be read. */
  results(output: string, model: string, signal: AbortSignal): AsyncIterable<ResultLine | undefined>;
  /** Removes what is not needed any more. */
  discard(
    job: { input?: string | undefined; output?: string | undefined },
    signal: AbortSignal,
  ): Promise<void>;
}

/** A line with its picture has exactly this many bytes. */
export const lineBytes = ({ head, tail, picture }: RequestLine): number =>
  head.length + tail.length + (picture ? Math.ceil(picture.bytes / 3) * 4 : 0);
