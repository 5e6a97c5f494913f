import type { Lane } from './lanes.ts';
import { PRICE_TABLE } from './table.ts';
import {
  type ModelPrices,
  type PriceConfidence,
  type PriceRow,
  type PriceTable,
  priceTable,
  type TierPrices,
} from './table-schema.ts';
import { dayOf, type NanoUsd } from './units.ts';

export interface PixelSize {
  /** Pixels, upright. */
  width: number;
  height: number;
}

const TILE_TOKENS = 258;
const TILE_FREE_SIDE = 384;

/**
 * Tokens of one picture. `budget` (3.x, 4.x): floor(sqrt(B*w/h)) * floor(sqrt(B*h/w)) of the resolution's budget B,
 * whatever the pixels. `tiles` (2.x): 258 up to 384 px, else 258 per tile of floor(min(w, h) / 1.5) px.
 * Source: https://ai.google.dev/gemini-api/docs/media-resolution, read 2026-11-20.
 */
function imageTokensOf(rule: 'budget' | 'tiles', budget: number, { width, height }: PixelSize): number {
  if (rule === 'budget') {
    const across = Math.floor(Math.sqrt((budget * width) / height));
    return Math.max(1, across * Math.floor(Math.sqrt((budget * height) / width)));
  }
  if (width <= TILE_FREE_SIDE && height <= TILE_FREE_SIDE) return TILE_TOKENS;
  const unit = Math.max(1, Math.floor(Math.min(width, height) / 1.5));
  return Math.ceil(width / unit) * Math.ceil(height / unit) * TILE_TOKENS;
}

/** Where people change prices; every complaint names it. */
export const PRICE_FILE = 'shared/prices/table.ts';

/** Everything wrong with the price table, or with what is configured against it. */
export class PriceError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The prices are not usable (${PRICE_FILE}):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'PriceError';
    this.problems = problems;
  }
}

export interface Priced {
  nanos: NanoUsd;
  /** The model whose prices were used. */
  pricedAs: string;
  /** True when the model that answered, this day or this lane is not in the table and the nearest price was taken. */
  assumed: boolean;
}

/** The dated prices of every model. */
export class PriceList {
  readonly #table: PriceTable;
  readonly #models: ReadonlyMap<string, ModelPrices>;

  /** Throws a PriceError that names model, dates and field of everything wrong. */
  constructor(table: unknown = PRICE_TABLE) {
    const parsed = priceTable.safeParse(table);
    if (!parsed.success)
      throw new PriceError(
        parsed.error.issues.map(({ path, message }) => `${showPath(path, table)}: ${message}`),
      );
    const problems = parsed.data.models.flatMap(rowProblems);
    const ids = parsed.data.models.map(({ id }) => id);
    for (const id of new Set(ids.filter((each, i) => ids.indexOf(each) !== i)))
      problems.push(`${id} is listed twice`);
    for (const { model, to } of parsed.data.reroutes.filter((one) => !ids.includes(one.to)))
      problems.push(`${model} is answered by ${to}, which has no prices`);
    if (problems.length > 0) throw new PriceError(problems);
    this.#table = parsed.data;
    this.#models = new Map(parsed.data.models.map((model) => [model.id, model]));
  }

  get contextCache(): PriceTable['contextCache'] {
    return this.#table.contextCache;
  }

  model(id: string): ModelPrices | undefined {
    return this.#models.get(id);
  }

  /** The model of a reply's `modelVersion`: without the suffix of a local reader (`@...`) or of a release (`-001`). */
  modelOfVersion(version: string): ModelPrices | undefined {
    const [id = version] = version.split('@');
    return this.#models.get(id) ?? this.#models.get(id.replace(/-\d{3}$/, ''));
  }

  /** Which other model answers this name, and from which day on; undefined when none ever does. */
  rerouteOf(id: string): PriceTable['reroutes'][number] | undefined {
    return this.#table.reroutes.find(({ model }) => model === id);
  }

  /** The model that answers this name at `atMs`: usually itself. */
  answererOf(id: string, atMs: number): string {
    const reroute = this.rerouteOf(id);
    return reroute !== undefined && reroute.from <= dayOf(atMs) ? reroute.to : id;
  }

  /** The model of the same tier that came last and has a price at `atMs`; undefined when that is the model itself. */
  newestLike(id: string, atMs: number): string | undefined {
    const tier = this.#models.get(id)?.tier;
    const day = dayOf(atMs);
    const since = ({ rows }: ModelPrices): string => rows[0]?.from ?? '';
    const [newest] = this.#table.models
      .filter((model) => tier !== undefined && model.tier === tier && since(model) <= day)
      .filter(({ shutdown }) => shutdown === undefined)
      .toSorted((a, b) => since(b).localeCompare(since(a)));
    return newest?.id === id ? undefined : newest?.id;
  }

  /** The row of prices in force at `atMs`; undefined when the model or the day is not in the table. */
  row(id: string, atMs: number): PriceRow | undefined {
    const day = dayOf(atMs);
    return this.#models
      .get(this.answererOf(id, atMs))
      ?.rows.find(({ from, until }) => from <= day && (until === null || day <= until));
  }

  /** What billed tokens cost: by the model that answered, because retired names are rerouted silently. */
  costOf(call: {
    version: string;
    requested: string;
    usage: TokenUsage;
    atMs: number;
    /** The lane that served it, which need not be the one that was asked for. */
    lane?: Lane;
  }): Priced {
    const { atMs, lane = 'standard' } = call;
    const answered = this.#answered(this.modelOfVersion(call.version)?.id ?? call.version, atMs);
    const model = answered ?? this.#answered(call.requested, atMs);
    if (!model) throw new PriceError([`there is no price for ${call.requested}`]);
    const inForce = this.row(model.id, atMs);
    const row = inForce ?? nearestRow(model, atMs);
    const prices = row[lane];
    return {
      nanos: billed(call.usage, prices ?? row.standard),
      pricedAs: model.id,
      assumed: answered === undefined || inForce === undefined || prices === undefined,
    };
  }

  #answered(id: string, atMs: number): ModelPrices | undefined {
    return this.#models.get(this.answererOf(id, atMs));
  }

  /** Who states what a model costs at `atMs` in a lane; undefined when nobody does. */
  confidenceOf(id: string, atMs: number, lane: Lane = 'standard'): PriceConfidence | undefined {
    const row = this.row(id, atMs);
    return row?.[lane] && (row[lane].confidence ?? row.confidence);
  }

  /** Tokens of one picture, as the model that answers counts them; an estimate, the bill comes from the reply's usage. */
  imageTokens(id: string, size: PixelSize, resolution: MediaResolution, atMs = Date.now()): number {
    return imageTokensOf(
      this.#answered(id, atMs)?.imageTokens ?? 'budget',
      this.#table.imageTokenBudgets[resolution],
      size,
    );
  }
}

const billed = ({ prompt, cached, thoughts, output }: TokenUsage, prices: TierPrices): NanoUsd =>
  (prompt - cached) * prices.input +
  cached * (prices.cached ?? prices.input) +
  (thoughts + output) * prices.output;

function nearestRow({ rows }: ModelPrices, atMs: number): PriceRow {
  const day = dayOf(atMs);
  const past = rows.filter(({ from }) => from <= day);
  const row = past.at(-1) ?? rows[0];
  if (!row) throw new PriceError(['a model without a row']);
  return row;
}

const DAY_MS = 86_400_000;
const dayAfter = (day: string): string => dayOf(Date.parse(day) + DAY_MS);

function rowProblems({ id, rows }: ModelPrices): string[] {
  const problems: string[] = [];
  for (const [i, { from, until }] of rows.entries()) {
    if (until !== null && until < from)
      problems.push(`${id}: the row from ${from} ends before it begins (until ${until})`);
    const next = rows[i + 1];
    if (!next) continue;
    if (until === null || next.from <= until)
      problems.push(
        `${id}: the rows from ${from} and from ${next.from} overlap; end the first with \`until\` ${dayBefore(next.from)}`,
      );
    else if (next.from !== dayAfter(until))
      problems.push(`${id}: a gap from ${dayAfter(until)} to ${dayBefore(next.from)} has no price`);
  }
  return problems;
}

const dayBefore = (day: string): string => dayOf(Date.parse(day) - DAY_MS);

/** `gemini-x.rows.0.standard.input` instead of `models.3.rows.0.standard.input`. */
function showPath(path: readonly PropertyKey[], table: unknown): string {
  const [first, index, ...rest] = path;
  const models = (table as { models?: { id?: unknown }[] } | undefined)?.models;
  const id = first === 'models' && typeof index === 'number' ? models?.[index]?.id : undefined;
  return (typeof id === 'string' ? [id, ...rest] : path).join('.') || 'table';
}

const MEDIA_RESOLUTIONS = ['LOW', 'MEDIUM', 'HIGH', 'ULTRA_HIGH'] as const;
export type MediaResolution = (typeof MEDIA_RESOLUTIONS)[number];
export interface TokenUsage {
  prompt: number;
  image: number;
  cached: number;
  thoughts: number;
  output: number;
}
