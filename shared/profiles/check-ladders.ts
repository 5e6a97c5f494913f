import { PRICE_FILE, PriceError, type PriceList } from '../prices/price-list.ts';
import { dayOf } from '../prices/units.ts';
import type { Profile } from './define.ts';

/** A model this close to its end is a warning. */
const WARN_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Holds every model of the ladders against the table at start-up. Throws a PriceError for models without a price today
 * or past their shutdown, with the file to edit and the successor; returns the warnings of the next 30 days.
 */
export function checkLadders(prices: PriceList, profiles: readonly Profile[], nowMs: number): string[] {
  const uses = profiles.flatMap(({ name, ladder }) =>
    ladder.flatMap(({ models }, step) =>
      models.map((model) => ({ model, where: `profile ${name}, step ${step}` })),
    ),
  );
  const findings = uses.map(({ model, where }) => findingOf(prices, model, where, nowMs));
  const errors = findings.flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new PriceError([...new Set(errors)]);
  const levels = profiles.flatMap((profile) => levelWarnings(prices, profile, nowMs));
  return [...new Set([...findings.flatMap(({ warning }) => warning ?? []), ...levels])];
}

/** A level that a model does not have is refused with each call; what is known of that may be second-hand. */
const levelWarnings = (prices: PriceList, { name, ladder }: Profile, nowMs: number): string[] =>
  ladder.flatMap(({ models, thinkingLevel }, step) =>
    models.flatMap((id) => {
      const levels = prices.model(prices.answererOf(id, nowMs))?.thinkingLevels;
      if (levels === undefined || levels.includes(thinkingLevel)) return [];
      const has = levels.length === 0 ? 'no thinkingLevel' : levels.join(', ');
      return [
        `profile ${name}, step ${step}: the API refuses thinkingLevel ${thinkingLevel} of ${id}, which takes ${has}; change it in its ladder`,
      ];
    }),
  );

function findingOf(
  prices: PriceList,
  id: string,
  where: string,
  nowMs: number,
): { error?: string; warning?: string } {
  const model = prices.model(prices.answererOf(id, nowMs));
  if (!model) return { error: `${where}: there is no price for ${id}; add it to ${PRICE_FILE}` };
  const { shutdown, successor } = model;
  const instead = successor === undefined ? 'another model' : successor;
  if (shutdown !== undefined && shutdown <= dayOf(nowMs)) {
    return { error: `${where}: ${id} was shut down on ${shutdown}; use ${instead} in its ladder` };
  }
  if (!prices.row(id, nowMs)) {
    return { error: `${where}: ${id} has no price for ${dayOf(nowMs)}; add a row to ${PRICE_FILE}` };
  }
  if (shutdown !== undefined && shutdown <= dayOf(nowMs + WARN_DAYS * DAY_MS)) {
    return { warning: `${where}: ${id} will be shut down on ${shutdown}; use ${instead} in its ladder` };
  }
  const reroute = prices.rerouteOf(id);
  if (reroute !== undefined && reroute.from <= dayOf(nowMs + WARN_DAYS * DAY_MS)) {
    const when =
      reroute.from <= dayOf(nowMs)
        ? `has been answered by ${reroute.to} since ${reroute.from}`
        : `will be answered by ${reroute.to} from ${reroute.from} on`;
    return {
      warning: `${where}: ${id} ${when}, at its price; name the model that you mean in its ladder`,
    };
  }
  return {};
}
