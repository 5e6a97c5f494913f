import type { Kill } from './storm.ts';

/** Batch says each of these between two things that a crash must not part: it has just done one, and not yet written that. */
const BETWEEN = /"message":"batch\.(assembled|stored|created|over)"/;
const SHARE = 0.12;
/** Milliseconds: at once, or while it stores what came. */
const LATEST_MS = 300;

/** Kills batch at the moments that chance would hardly hit. */
export class MidStepKills {
  readonly kills: Kill[] = [];
  readonly #random: () => number;
  readonly #kill: (name: string) => void;
  #isOver = false;

  constructor(random: () => number, kill: (name: string) => void) {
    this.#random = random;
    this.#kill = kill;
  }

  note(name: string, line: string): void {
    if (this.#isOver || name !== 'batch' || !BETWEEN.test(line) || this.#random() >= SHARE) return;
    setTimeout(
      () => {
        if (this.#isOver) return;
        this.#kill(name);
        this.kills.push({ name, at: Date.now() });
      },
      this.#random() < 0.5 ? 0 : this.#random() * LATEST_MS,
    );
  }

  stop(): void {
    this.#isOver = true;
  }
}
