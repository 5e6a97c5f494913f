const SMALLEST = 4;

/**
 * How many pushes may be in flight, as in Pub/Sub's slow start
 * (https://cloud.google.com/pubsub/docs/push#quotas_limits_and_delivery_rate): doubles per round while all goes well,
 * halves on a refusal, and from the halved size on grows by one per round.
 */
export class PushWindow {
  readonly #largest: number;
  #size: number;
  #slowStartUntil: number;
  /** Answers still to come to pushes that left before the last shrink. */
  #stale = 0;

  constructor(largest: number) {
    this.#largest = Math.max(1, largest);
    this.#size = Math.min(SMALLEST, this.#largest);
    this.#slowStartUntil = this.#largest;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  hasRoom(inFlight: number): boolean {
    return inFlight < this.size;
  }

  /** Only a window that was full has shown that a larger one could be needed. */
  succeeded(inFlight: number): void {
    if (this.#stale > 0) this.#stale -= 1;
    if (inFlight < this.size) return;
    const growth = this.#size < this.#slowStartUntil ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#largest, this.#size + growth);
  }

  /** One halving per round: refusals of pushes that left before the last one say nothing new. */
  refused(): void {
    if (this.#stale > 0) {
      this.#stale -= 1;
      return;
    }
    this.#stale = this.size - 1;
    this.#size = Math.max(Math.min(SMALLEST, this.#largest), this.#size / 2);
    this.#slowStartUntil = this.#size;
  }
}
