import { MultiBar, type SingleBar } from 'cli-progress';
import type { Output } from '../output.ts';
import { formatBytes, formatRemaining } from '../text/units.ts';

interface Totals {
  files: number;
  bytes: number;
}

/** The rate is that of the last few seconds: a mean since the start answers to nothing any more. Milliseconds. */
const RATE_WINDOW_MS = 8_000;
const BAR_CELLS = 24;

/** What an upload shows while it runs: a bar with rate and remaining time on a terminal, nothing in a pipe. */
export class Progress {
  readonly #out: Output;
  readonly #totals: Totals;
  readonly #bars: MultiBar | undefined;
  readonly #sent: SingleBar | undefined;
  readonly #answered: SingleBar | undefined;
  readonly #samples: { at: number; bytes: number }[] = [];
  #files = 0;
  #bytes = 0;
  #results = 0;

  constructor(out: Output, totals: Totals, options: { answers: boolean }) {
    this.#out = out;
    this.#totals = { ...totals };
    if (!out.interactive) return;
    this.#bars = new MultiBar({
      stream: out.stderr,
      barsize: BAR_CELLS,
      barCompleteChar: '━',
      barIncompleteChar: ' ',
      hideCursor: true,
      clearOnComplete: true,
      linewrap: true,
      forceRedraw: true,
      gracefulExit: false,
      fps: 8,
      format: (_options, { progress }, payload: { kind: 'sent' | 'answered' }) =>
        this.#line(payload.kind, progress),
    });
    this.#sent = this.#bars.create(Math.max(1, totals.bytes), 0, { kind: 'sent' });
    if (options.answers) this.#answered = this.#bars.create(totals.files, 0, { kind: 'answered' });
  }

  addBytes(count: number): void {
    this.#bytes += count;
    const now = Date.now();
    this.#samples.push({ at: now, bytes: this.#bytes });
    while ((this.#samples[0]?.at ?? now) < now - RATE_WINDOW_MS) this.#samples.shift();
    this.#sent?.update(this.#bytes);
  }

  /** A file that is not sent: it is done, and its bytes are not on the way. */
  skip(bytes: number): void {
    this.#totals.bytes -= bytes;
    this.#sent?.setTotal(Math.max(1, this.#totals.bytes));
    this.fileDone();
  }

  fileDone(): void {
    this.#files += 1;
    this.#sent?.update(this.#bytes);
  }

  resultDone(): void {
    this.#results += 1;
    this.#answered?.update(this.#results);
  }

  /** A line of output above the bars. */
  print(text: string): void {
    if (this.#bars && this.#out.stdout.isTTY) this.#bars.log(`${text}\n`);
    else this.#out.line(text);
  }

  /** For people at a terminal: above the bars, and never among the results in a pipe. */
  printNote(text: string): void {
    if (this.#bars && this.#out.stdout.isTTY) this.#bars.log(`${this.#out.dim(text)}\n`);
    else this.#out.note(text);
  }

  printError(message: string, hint?: string): void {
    const write = (text: string) => (this.#bars ? this.#bars.log(text) : this.#out.stderr.write(text));
    write(this.#out.errorText(message, hint));
  }

  stop(): void {
    // Lines that were not drawn yet would be lost.
    this.#bars?.update();
    this.#bars?.stop();
  }

  #line(kind: 'sent' | 'answered', share: number): string {
    const filled = Math.round(Math.min(1, share) * BAR_CELLS);
    const bar =
      this.#out.paintError('cyan', '━'.repeat(filled)) +
      this.#out.paintError('dim', '━'.repeat(BAR_CELLS - filled));
    const { files, bytes } = this.#totals;
    if (kind === 'answered') return `${bar}  answered ${this.#results} of ${files}`;
    const facts = [`sent ${this.#files} of ${files}`, `${formatBytes(this.#bytes)} of ${formatBytes(bytes)}`];
    const rate = this.#bytesPerSecond();
    if (rate > 0 && this.#bytes < bytes) {
      facts.push(`${formatBytes(rate)}/s`, `${formatRemaining((bytes - this.#bytes) / rate)} left`);
    }
    return `${bar}  ${facts.join(' · ')}`;
  }

  #bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 250) return 0;
    return ((last.bytes - first.bytes) * 1_000) / (Date.now() - first.at);
  }
}
