import { RollingWindow } from '../../base/resilience/rolling-window.ts';

const MINUTE_MS = 60_000;

/** What this instance may send to a model in a minute; 0 is unlimited. */
interface Quota {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** Requests and tokens of the rolling minute, by model: Google counts all lanes of a model together. */
export class ModelQuotas {
  readonly #quota: Quota;
  readonly #windows = new Map<string, { requests: RollingWindow; tokens: RollingWindow }>();

  constructor({ requestsPerMinute, tokensPerMinute }: Quota) {
    this.#quota = { requestsPerMinute, tokensPerMinute };
  }

  of(model: string): { requests: RollingWindow; tokens: RollingWindow } {
    const known = this.#windows.get(model);
    if (known) return known;
    const windows = {
      requests: new RollingWindow(this.#quota.requestsPerMinute, MINUTE_MS),
      tokens: new RollingWindow(this.#quota.tokensPerMinute, MINUTE_MS),
    };
    this.#windows.set(model, windows);
    return windows;
  }
}
