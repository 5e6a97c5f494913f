import type { RecordedCall } from '../../local/gemini/calls.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { pictureKey } from './population.ts';
import type { Kill } from './storm.ts';

/** An answer is stored within the function's time, or never: a kill before that explains a second payment. */
const STORING_MS = 6_000;

/** Whole answers that the model sent for each picture, over the whole run. */
export class CallWatch {
  total = 0;
  readonly #answers = new Map<string, RecordedCall[]>();
  readonly #model: GeminiSimulator;
  readonly #timer: NodeJS.Timeout;
  #last: RecordedCall | undefined;

  /** The simulator forgets all but the last calls, so they are collected as they come. */
  constructor(model: GeminiSimulator) {
    this.#model = model;
    this.#timer = setInterval(() => this.#collect(), 500);
  }

  /** Pictures that got more than one whole answer, and how many of these no crash explains. */
  paidTwice(kills: readonly Kill[]): { images: number; unexplained: { picture: string; times: number[] }[] } {
    const twice = [...this.#answers].filter(([, calls]) => calls.length > 1);
    const explains = (call: RecordedCall) => {
      const answeredAt = call.at + call.durationMs;
      return kills.some(
        ({ name, at }) => name === 'analyze-image' && at >= call.at && at <= answeredAt + STORING_MS,
      );
    };
    return {
      images: twice.length,
      unexplained: twice
        .filter(([, calls]) => !calls.slice(0, -1).every(explains))
        .map(([picture, calls]) => ({ picture, times: calls.map(({ at }) => at) })),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#collect();
  }

  #collect(): void {
    const calls = this.#model.calls();
    const from = this.#last ? calls.lastIndexOf(this.#last) + 1 : 0;
    for (const call of calls.slice(from)) {
      this.total += 1;
      const [picture] = call.images ?? [];
      if (!picture || call.status !== 200 || call.outcome !== 'STOP') continue;
      const key = pictureKey(picture);
      this.#answers.set(key, [...(this.#answers.get(key) ?? []), call]);
    }
    this.#last = calls.at(-1);
  }
}
