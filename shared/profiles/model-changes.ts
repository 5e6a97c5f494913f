import type { PriceList } from '../prices/price-list.ts';
import { dayOf } from '../prices/units.ts';
import type { Profile } from './define.ts';

/** Something that will happen to a model of a ladder: its end, another model in its place, or another price. */
export interface ModelChange {
  model: string;
  /** Names of the profiles that ask it. */
  profiles: string[];
  kind: 'end' | 'reroute' | 'price';
  /** The first day on which it holds, in UTC. */
  on: string;
  /** Whole days until then. */
  daysLeft: number;
  /** The model that answers from then on, itself where only the price changes; undefined where nobody is named. */
  to?: string;
  /** The newest model of the same tier, where that is another one. */
  newest?: string;
  /** What a usual answer costs from then on, divided by what it costs today; null where a price is not known. */
  priceFactor: number | null;
}

/** As far ahead as there is time to try something else at leisure. */
const AHEAD_DAYS = 90;
const DAY_MS = 86_400_000;

/** A picture at HIGH with its prompt, and a terse answer. */
const USUAL = { prompt: 1_400, image: 1_064, cached: 0, thoughts: 0, output: 250 };

/** What will happen to the models of these ladders in the next 90 days, the next first. */
export function modelChanges(
  prices: PriceList,
  profiles: readonly Pick<Profile, 'name' | 'ladder'>[],
  nowMs: number,
): ModelChange[] {
  const models = new Set(profiles.flatMap(({ ladder }) => ladder.flatMap((step) => step.models)));
  return [...models]
    .flatMap((model) => {
      const change = changeOf(prices, model, nowMs);
      if (!change) return [];
      const asking = profiles.filter(({ ladder }) => ladder.some((step) => step.models.includes(model)));
      const newest = prices.newestLike(model, nowMs);
      return [
        {
          ...change,
          profiles: asking.map(({ name }) => name),
          ...(newest === undefined || newest === change.to ? {} : { newest }),
        },
      ];
    })
    .toSorted((a, b) => a.daysLeft - b.daysLeft);
}

function changeOf(
  prices: PriceList,
  model: string,
  nowMs: number,
): Omit<ModelChange, 'profiles' | 'newest'> | undefined {
  const until = dayOf(nowMs + AHEAD_DAYS * DAY_MS);
  const isAhead = (on: string): boolean => on > dayOf(nowMs) && on <= until;
  const at = (on: string): Pick<ModelChange, 'on' | 'daysLeft'> => ({
    on,
    daysLeft: Math.round((Date.parse(on) - Date.parse(dayOf(nowMs))) / DAY_MS),
  });
  const answerer = prices.model(prices.answererOf(model, nowMs));
  const { shutdown, successor } = answerer ?? {};
  if (shutdown !== undefined && isAhead(shutdown)) {
    const to = successor === undefined ? {} : { to: successor };
    return {
      model,
      kind: 'end',
      ...at(shutdown),
      ...to,
      priceFactor: factor(prices, model, successor, nowMs, shutdown),
    };
  }
  const reroute = prices.rerouteOf(model);
  if (reroute && isAhead(reroute.from)) {
    const { from, to } = reroute;
    return { model, kind: 'reroute', ...at(from), to, priceFactor: factor(prices, model, to, nowMs, from) };
  }
  const next = answerer?.rows.find(({ from }) => isAhead(from));
  if (!next) return undefined;
  const priceFactor = factor(prices, model, model, nowMs, next.from);
  return { model, kind: 'price', ...at(next.from), to: model, priceFactor };
}

function factor(
  prices: PriceList,
  model: string,
  to: string | undefined,
  nowMs: number,
  on: string,
): number | null {
  if (to === undefined || !prices.row(model, nowMs) || !prices.row(to, Date.parse(on))) return null;
  const costOf = (requested: string, atMs: number): number =>
    prices.costOf({ version: requested, requested, usage: USUAL, atMs }).nanos;
  return costOf(to, Date.parse(on)) / costOf(model, nowMs);
}
