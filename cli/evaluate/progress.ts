import { SingleBar } from 'cli-progress';
import type { Output } from '../output.ts';
import { formatRemaining } from '../text/units.ts';
import type { KeptOutcome } from './journal.ts';
import { dollars } from './report/numbers.ts';

const BAR_CELLS = 24;

/** What a run shows on a terminal while it asks; nothing in a pipe. */
export class EvaluationProgress {
  readonly #out: Output;
  readonly #total: number;
  readonly #isBilled: boolean;
  readonly #bar: SingleBar | undefined;
  readonly #startedAt = Date.now();
  #asked = 0;
  #failed = 0;
  #usd = 0;

  constructor(out: Output, total: number, isBilled: boolean) {
    this.#out = out;
    this.#total = total;
    this.#isBilled = isBilled;
    if (!out.interactive) return;
    this.#bar = new SingleBar({
      stream: out.stderr,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 8,
      format: (_options, { progress }) => this.#line(progress),
    });
    this.#bar.start(Math.max(1, total), 0);
  }

  add({ ending, costUsd }: KeptOutcome): void {
    this.#asked += 1;
    this.#usd += costUsd;
    if (ending.kind === 'failed') this.#failed += 1;
    this.#bar?.update(this.#asked);
  }

  stop(): void {
    this.#bar?.stop();
  }

  #line(share: number): string {
    const filled = Math.round(Math.min(1, share) * BAR_CELLS);
    const bar =
      this.#out.paintError('cyan', '━'.repeat(filled)) +
      this.#out.paintError('dim', '━'.repeat(BAR_CELLS - filled));
    const elapsed = (Date.now() - this.#startedAt) / 1_000;
    const left = this.#asked === 0 ? undefined : (elapsed / this.#asked) * (this.#total - this.#asked);
    const facts = [
      `asked ${this.#asked} of ${this.#total}`,
      ...(this.#failed > 0 ? [`${this.#failed} without an answer`] : []),
      ...(this.#isBilled ? [dollars(this.#usd)] : []),
      ...(left === undefined || this.#asked === this.#total ? [] : [`${formatRemaining(left)} left`]),
    ];
    return `${bar}  ${facts.join(' · ')}`;
  }
}
