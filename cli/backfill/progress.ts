import { SingleBar } from 'cli-progress';
import type { Output } from '../output.ts';
import { formatCount } from '../text/units.ts';
import type { Counts } from './run.ts';

const BAR_CELLS = 24;

/** What a backfill shows while it runs: a bar, or counts while the end is not known, on a terminal; nothing in a pipe. */
export class BackfillProgress {
  readonly #bar: SingleBar | undefined;
  #counts: Readonly<Counts> = { checked: 0, sent: 0, usd: 0, bytes: 0 };

  /** `verb`: what the pictures without a result are, e.g. `sent`; `total`: how many they are, if that is known. */
  constructor(out: Output, verb: string, total?: number) {
    if (!out.interactive) return;
    this.#bar = new SingleBar({
      stream: out.stderr,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 8,
      format: () => {
        const { checked, sent, usd } = this.#counts;
        const bar = total === undefined ? '' : `${barOf(out, sent / Math.max(1, total))}  `;
        return `${bar}${formatCount(checked)} looked at · ${formatCount(sent)} ${verb} · $${usd.toFixed(4)}`;
      },
    });
    // How many there are is known when the last page has come.
    this.#bar.start(1, 0);
  }

  update(counts: Readonly<Counts>): void {
    this.#counts = { ...counts };
    this.#bar?.update(0);
  }

  stop(): void {
    this.#bar?.stop();
  }
}

function barOf(out: Output, share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_CELLS);
  const full = out.paintError('cyan', '━'.repeat(filled));
  return full + out.paintError('dim', '━'.repeat(BAR_CELLS - filled));
}
