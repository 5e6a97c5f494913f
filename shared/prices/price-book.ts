import type { LadderStep } from '../profiles/define.ts';
import type { TokenUsage } from '../results/document.ts';
import { dayOf } from '../spend/day.ts';
import { imageTokensOf, type PixelSize } from './image-tokens.ts';
import type { NanoUsd } from './money.ts';
import { PRICE_TABLE } from './table.ts';
import {
  type ModelPrices,
  type PriceRow,
  type PriceTable,
  priceTable,
  type TierPrices,
} from './table-shape.ts';

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

export type ServiceTier = 'standard' | 'batch';

export interface Priced {
  nanos: NanoUsd;
  /** The model whose prices were used. */
  pricedAs: string;
  /** True when the model that answered, or this day, is not in the table and the nearest price was taken. */
  assumed: boolean;
}

/** The dated prices of every model. */
export class PriceBook {
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

  /** The row of prices in force at `atMs`; undefined when the model or the day is not in the table. */
  row(id: string, atMs: number): PriceRow | undefined {
    const day = dayOf(atMs);
    return this.#models
      .get(id)
      ?.rows.find(({ from, until }) => from <= day && (until === null || day <= until));
  }

  /** What billed tokens cost: by the model that answered, because retired names are rerouted silently. */
  costOf(call: {
    version: string;
    requested: string;
    usage: TokenUsage;
    atMs: number;
    tier?: ServiceTier;
  }): Priced {
    const answered = this.modelOfVersion(call.version);
    const model = answered ?? this.#models.get(call.requested);
    if (!model) throw new PriceError([`there is no price for ${call.requested}`]);
    const inForce = this.row(model.id, call.atMs);
    const row = inForce ?? nearestRow(model, call.atMs);
    return {
      nanos: billed(call.usage, row[call.tier ?? 'standard'] ?? row.standard),
      pricedAs: model.id,
      assumed: answered === undefined || inForce === undefined,
    };
  }

  /** Tokens of one picture; an estimate, the bill comes from the reply's usage. */
  imageTokens(id: string, size: PixelSize, resolution: LadderStep['mediaResolution']): number {
    return imageTokensOf(
      this.#models.get(id)?.imageTokens ?? 'budget',
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
