import type { Unacked } from './backlog.ts';

interface Lease {
  untilMs: number;
  readonly onEnd: (() => void) | undefined;
}

/** Who holds which message until when. One timer for all of them. */
export class Leases {
  readonly #leases = new Map<Unacked, Lease>();
  readonly #onExpiry: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(onExpiry: () => void) {
    this.#onExpiry = onExpiry;
  }

  isHeld(unacked: Unacked): boolean {
    return (this.#leases.get(unacked)?.untilMs ?? 0) > Date.now();
  }

  take(unacked: Unacked, ms: number, onEnd: (() => void) | undefined): void {
    this.end(unacked);
    this.#leases.set(unacked, { untilMs: Date.now() + ms, onEnd });
    this.#schedule(Date.now() + ms);
  }

  /** A lease that is over is taken again, as Pub/Sub does for anyone who comes late. */
  extend(unacked: Unacked, ms: number): void {
    const lease = this.#leases.get(unacked);
    const untilMs = Date.now() + ms;
    if (lease) lease.untilMs = untilMs;
    else this.#leases.set(unacked, { untilMs, onEnd: undefined });
    this.#schedule(untilMs);
  }

  end(unacked: Unacked): void {
    const lease = this.#leases.get(unacked);
    this.#leases.delete(unacked);
    lease?.onEnd?.();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#leases.clear();
  }

  #schedule(atMs: number): void {
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, atMs - Date.now())).unref();
  }

  #expire(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const now = Date.now();
    let nextMs = Number.POSITIVE_INFINITY;
    let anyOver = false;
    for (const [unacked, { untilMs }] of this.#leases) {
      if (untilMs > now) {
        nextMs = Math.min(nextMs, untilMs);
        continue;
      }
      anyOver = true;
      this.end(unacked);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#schedule(nextMs);
    if (anyOver) this.#onExpiry();
  }
}
