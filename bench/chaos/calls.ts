import type { RecordedCall } from '../../local/gemini/calls.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { NanoUsd } from '../../shared/prices/units.ts';
import { pictureKey } from './population.ts';
import type { Kill } from './storm.ts';

/** An answer is stored within the function's time, or never: a kill before that explains a second payment. */
const STORING_MS = 14_000;

interface SecondPayment {
  picture: string;
  /** Whether a process died between the answer and its being stored. */
  explained: boolean;
  why: string;
}

/** A call that Google bills, whether its answer was heard or not. */
export interface BilledCall {
  picture: string;
  lane: Lane;
  nanos: NanoUsd;
  /** The caller was gone before the answer came: it had given up, or was dead. */
  isUnheard: boolean;
  /** Whoever asked was killed before it can have stored the answer. */
  isCut: boolean;
}

/** Milliseconds from the end of the call to the next death of a process that may have held its answer. */
function killedAfter({ at, durationMs, action }: RecordedCall, kills: readonly Kill[]): number | undefined {
  // Answers of a batch job are not lost with a process, but while it starts again patience may end.
  const holder = action === BATCH_ROW ? 'batch' : 'analyze-image';
  const deaths = kills.filter(({ name, at: killedAt }) => name === holder && killedAt >= at);
  return deaths.length === 0 ? undefined : Math.min(...deaths.map((kill) => kill.at)) - at - durationMs;
}

const BATCH_ROW = 'batchRow';

/**
 * Whether the caller was killed while the call was under way. When the simulator notices that depends on what else this
 * process has to do just then, by up to 0.1 s; the time of the kill does not.
 */
function isOfTheDead(call: RecordedCall, kills: readonly Kill[]): boolean {
  const killedMs = killedAfter(call, kills);
  return call.action !== BATCH_ROW && killedMs !== undefined && killedMs < 0;
}

const laneOf = ({ served, tier = 'standard' }: RecordedCall): Lane => (served ?? tier) as Lane;

const prices = new PriceList();

function nanosOf(call: RecordedCall): NanoUsd {
  const {
    at: atMs,
    model = '',
    promptTokens: prompt = 0,
    imageTokens: image = 0,
    outputTokens: output = 0,
  } = call;
  const usage = { prompt, image, output, cached: 0, thoughts: 0 };
  return prices.costOf({ version: model, requested: model, usage, atMs, lane: laneOf(call) }).nanos;
}

/** Whole answers that the model sent for each picture, over the whole run. */
export class CallWatch {
  total = 0;
  readonly #answers = new Map<string, RecordedCall[]>();
  readonly #billed: RecordedCall[] = [];
  readonly #model: GeminiSimulator;
  readonly #timer: NodeJS.Timeout;
  #last: RecordedCall | undefined;

  /** The simulator forgets all but the last calls, so they are collected as they come. */
  constructor(model: GeminiSimulator) {
    this.#model = model;
    this.#timer = setInterval(() => this.#collect(), 500);
  }

  /** Pictures of which more than one whole answer was heard. */
  paidTwice(kills: readonly Kill[]): SecondPayment[] {
    return [...this.#answers]
      .map(([picture, calls]) => [picture, calls.filter((call) => !isOfTheDead(call, kills))] as const)
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

  billed(kills: readonly Kill[]): BilledCall[] {
    return this.#billed.map((call) => {
      const [picture] = call.images ?? [];
      const killedMs = killedAfter(call, kills);
      return {
        picture: picture ? pictureKey(picture) : '',
        lane: laneOf(call),
        nanos: nanosOf(call),
        isUnheard: call.status !== 200 || isOfTheDead(call, kills),
        isCut: call.action !== BATCH_ROW && killedMs !== undefined && killedMs <= STORING_MS,
      };
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
      if (call.outputTokens !== undefined) this.#billed.push(call);
      const [picture] = call.images ?? [];
      if (!picture || call.status !== 200 || call.outcome !== 'STOP') continue;
      const key = pictureKey(picture);
      this.#answers.set(key, [...(this.#answers.get(key) ?? []), call]);
    }
    this.#last = calls.at(-1);
  }
}
