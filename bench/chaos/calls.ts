import type { RecordedCall } from '../../local/gemini/calls.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { pictureKey } from './population.ts';
import type { Kill } from './storm.ts';

/** An answer is stored within the function's time, or never: a kill before that explains a second payment. */
const STORING_MS = 12_000;

interface SecondPayment {
  picture: string;
  /** Whether a process died between the answer and its being stored. */
  explained: boolean;
  why: string;
}

/** Milliseconds from the end of the call to the next death of a process that may have held its answer. */
function killedAfter({ at, durationMs }: RecordedCall, kills: readonly Kill[]): number | undefined {
  const deaths = kills.filter((kill) => kill.name === 'analyze-image' && kill.at >= at);
  return deaths.length === 0 ? undefined : Math.min(...deaths.map((kill) => kill.at)) - at - durationMs;
}

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

  /** Pictures that got more than one whole answer. */
  paidTwice(kills: readonly Kill[]): SecondPayment[] {
    return [...this.#answers]
      .filter(([, calls]) => calls.length > 1)
      .map(([picture, calls]) => {
        const waits = calls.slice(0, -1).map((call) => killedAfter(call, kills));
        const explained = waits.every((ms) => ms !== undefined && ms <= STORING_MS);
        const times = calls.map(({ at, durationMs }) =>
          new Date(at + durationMs).toISOString().slice(14, 23),
        );
        const why = waits.map((ms) => (ms === undefined ? 'no kill' : `killed ${ms} ms after`)).join(', ');
        return { picture, explained, why: `answered at ${times.join(' and ')} (${why})` };
      });
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
