/** A share of a window, from the moment it was taken until the window has passed. */
export interface Taken {
  readonly at: number;
  amount: number;
}

/** Settled entries at the front are dropped together, so that taking costs the same at any length. */
const COMPACT_AT = 1024;

/**
 * A quota over the last `windowMs` milliseconds at any moment (no fixed minutes, at whose seam twice the quota would
 * pass). An amount larger than the limit passes when the window is empty: it would never pass otherwise.
 */
export class RollingWindow {
  readonly limit: number;
  readonly windowMs: number;
  #taken: Taken[] = [];
  #first = 0;
  #used = 0;

  /** @param limit 0 means no limit. */
  constructor(limit: number, windowMs: number) {
    this.limit = limit === 0 ? Number.POSITIVE_INFINITY : limit;
    this.windowMs = windowMs;
  }

  used(nowMs: number): number {
    this.#forget(nowMs);
    return this.#used;
  }

  /**
   * The earliest moment at which `amount` fits, as far as is known now. `ahead` is what others will take before; each
   * full limit of it takes a whole window.
   */
  availableAt(amount: number, nowMs: number, ahead = 0): number {
    if (this.limit === Number.POSITIVE_INFINITY) return nowMs;
    this.#forget(nowMs);
    const wanted = Math.min(amount, this.limit);
    const fullWindows = Math.max(0, Math.ceil((ahead + wanted) / this.limit) - 1);
    const room = ahead + wanted - fullWindows * this.limit;
    return this.#roomAt(room, nowMs) + fullWindows * this.windowMs;
  }

  take(amount: number, nowMs: number): Taken {
    const taken: Taken = { at: nowMs, amount };
    if (this.limit === Number.POSITIVE_INFINITY) return taken;
    this.#forget(nowMs);
    this.#taken.push(taken);
    this.#used += amount;
    return taken;
  }

  /** Replaces an estimate by what it really was; 0 gives it back. */
  correct(taken: Taken, amount: number, nowMs: number): void {
    this.#forget(nowMs);
    if (this.limit !== Number.POSITIVE_INFINITY && taken.at > nowMs - this.windowMs) {
      this.#used += amount - taken.amount;
    }
    taken.amount = amount;
  }

  #roomAt(room: number, nowMs: number): number {
    let excess = this.#used + room - this.limit;
    if (excess <= 0) return nowMs;
    for (let i = this.#first; i < this.#taken.length; i += 1) {
      const taken = this.#taken[i];
      if (taken === undefined) break;
      excess -= taken.amount;
      if (excess <= 0) return taken.at + this.windowMs;
    }
    return nowMs;
  }

  #forget(nowMs: number): void {
    for (;;) {
      const oldest = this.#taken[this.#first];
      if (oldest === undefined || oldest.at > nowMs - this.windowMs) break;
      this.#used -= oldest.amount;
      this.#first += 1;
    }
    if (this.#first >= COMPACT_AT || this.#first === this.#taken.length) {
      this.#taken = this.#taken.slice(this.#first);
      this.#first = 0;
    }
  }
}
