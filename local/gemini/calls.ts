import type { ApiName } from './address.ts';

/** One request as it went: enough for a test or a page to see, without any content. */
export interface RecordedCall {
  /** Epoch milliseconds when the request had arrived. */
  at: number;
  method: string;
  /** `generateContent`, `countTokens`, `models`, `cachedContents`. */
  action: string;
  model?: string;
  /** `vertex` for calls under its paths. */
  api: ApiName;
  /** HTTP status sent; 0: the connection was broken, -1: never answered. */
  status: number;
  /** The fault or finish reason that the call met. */
  outcome: string;
  durationMs: number;
  promptTokens?: number;
  imageTokens?: number;
  outputTokens?: number;
  /** The service tier that was asked for, where it was not the standard one. */
  tier?: string;
  /** The one that served and was billed, where it is another. */
  served?: string;
  images?: readonly { width: number; height: number; bytes: number; mediaResolution: string }[];
}

const MAX_CALLS = 5000;

/** The last calls, oldest first. */
export class CallLog {
  #calls: RecordedCall[] = [];

  add(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > MAX_CALLS * 1.2) this.#calls = this.#calls.slice(-MAX_CALLS);
  }

  list(): readonly RecordedCall[] {
    return this.#calls.slice(-MAX_CALLS);
  }

  reset(): void {
    this.#calls = [];
  }
}
