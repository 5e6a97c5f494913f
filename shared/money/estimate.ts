import {
  CHARACTERS_PER_TOKEN,
  captionCharacters,
  type ModelRequest,
  referenceTokens,
} from '../model/request.ts';
import type { Lane } from '../prices/lanes.ts';
import type { PixelSize, PriceList, TokenUsage } from '../prices/price-list.ts';
import type { NanoUsd } from '../prices/units.ts';

/** What a call is expected to cost, and what it can cost at most. */
export interface Estimate {
  expected: NanoUsd;
  worst: NanoUsd;
  /** The same call with a shorter leash, for the end of a budget: what it costs at most, and its maxOutputTokens. */
  short: { worst: NanoUsd; maxOutputTokens: number };
}

/** Other scripts than English need up to one token for two characters in what we send. */
const CHARACTERS_PER_TOKEN_AT_WORST = 2;
/** Roles and separators, which are billed too. */
const FRAME_TOKENS = 64;
const IMAGE_MARGIN = 1.1;
/** A terse answer, until real ones have been seen. */
const FIRST_OUTPUT_TOKENS = 250;
/** A short leash is this many usual answers long, and never shorter than a terse answer may need. */
const LEASH_ANSWERS = 4;
const MIN_LEASH_TOKENS = 128;
/** The last ten answers count for nine tenths. */
const WEIGHT = 0.2;

/** Estimates calls by the prices of the day and by the length of earlier answers. */
export class Estimator {
  readonly #prices: PriceList;
  readonly #outputs = new Map<string, number>();
  readonly #cached = new Map<string, number>();

  constructor(prices: PriceList) {
    this.#prices = prices;
  }

  estimate(kind: string, request: ModelRequest, size: PixelSize, atMs: number): Estimate {
    const { model, lane = 'standard', step, evidenceTokens = 0 } = request;
    // A flex call may be served, and billed, as a standard one.
    const dearestLane = lane === 'flex' ? 'standard' : lane;
    const image =
      this.#prices.imageTokens(model, size, step.mediaResolution, atMs) +
      referenceTokens(this.#prices, request);
    const text = characters(request);
    const { maxOutputTokens } = step;
    const key = keyOf(kind, request);
    const usual = this.#outputs.get(key) ?? FIRST_OUTPUT_TOKENS + evidenceTokens;
    const cached = Math.round(this.#cached.get(key) ?? 0);
    const leash = Math.min(maxOutputTokens, Math.max(MIN_LEASH_TOKENS, Math.ceil(usual * LEASH_ANSWERS)));
    const price = (by: Lane, prompt: number, output: number, cachedTokens = 0) =>
      this.#prices.costOf({
        ...{ version: model, requested: model, atMs, lane: by },
        usage: usage(prompt, output, Math.min(prompt, cachedTokens)),
      }).nanos;
    const dearest = Math.ceil(image * IMAGE_MARGIN + text / CHARACTERS_PER_TOKEN_AT_WORST) + FRAME_TOKENS;
    return {
      expected: price(
        lane,
        image + Math.ceil(text / CHARACTERS_PER_TOKEN),
        Math.round(Math.min(maxOutputTokens, usual)),
        cached,
      ),
      worst: price(dearestLane, dearest, maxOutputTokens),
      short: { worst: price(dearestLane, dearest, leash), maxOutputTokens: leash },
    };
  }

  /** Remembers how long the answers of this kind of question are, thoughts included, and how much is read from a cache. */
  learn(kind: string, request: ModelRequest, { thoughts, output, cached }: TokenUsage): void {
    const key = keyOf(kind, request);
    remember(this.#outputs, key, thoughts + output);
    remember(this.#cached, key, cached);
  }
}

function remember(averages: Map<string, number>, key: string, now: number): void {
  const before = averages.get(key);
  averages.set(key, before === undefined ? now : before + WEIGHT * (now - before));
}

/** A profile that begins to ask for places has longer answers from then on. */
const keyOf = (kind: string, { model, step, evidenceTokens }: ModelRequest): string =>
  `${kind}/${model}/${step.mediaResolution}/${step.thinkingLevel}${evidenceTokens === undefined ? '' : '/places'}`;

const characters = ({ instructions, references, prompt, responseSchema, repair }: ModelRequest): number =>
  instructions.length +
  captionCharacters(references) +
  prompt.length +
  JSON.stringify(responseSchema).length +
  (repair ? repair.answer.length + repair.issues.length : 0);

const usage = (prompt: number, output: number, cached: number): TokenUsage => ({
  prompt,
  image: 0,
  cached,
  thoughts: 0,
  output,
});
