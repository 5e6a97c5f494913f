import type { Estimate } from '../../../evaluation/interval.ts';
import type { LadderFigures } from '../../../evaluation/recommend.ts';
import type { VariantFigures } from '../../../evaluation/report.ts';

/** `97.3 %`; a dash for what cannot be said. */
export const percent = (share: number | null): string =>
  share === null || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;

/** `97.3 % (95.1 to 99.0)`. */
export const withInterval = ({ mean, low, high }: Estimate): string =>
  `${percent(mean)} (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`;

/** Dollars with as many places as say something. */
export const dollars = (usd: number): string =>
  Number.isNaN(usd) ? '–' : `$${usd.toFixed(usd >= 100 || usd === 0 ? 0 : usd >= 0.1 ? 2 : 4)}`;

/** What the places of the values take of a variant's price. */
export const evidenceInWords = ({
  boxesPerAnswer,
  prompt,
  output,
  usdPer1000,
}: NonNullable<VariantFigures['evidence']>): string =>
  `evidence takes ${prompt} + ${output} tokens, ${dollars(usdPer1000)} of the price of 1,000, for ${boxesPerAnswer.toFixed(1)} boxes an answer`;

/** A value as JSON, short. */
export const shortly = (value: unknown, most = 60): string => {
  const text = value === null || value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

/** A ladder in a line: its steps, and when it climbs. */
export function ladderInWords({ steps, minConfidence, climbing, maxSide, lane }: LadderFigures): string {
  const names = steps.map((step) =>
    step
      .split(' ')
      .filter((word) => word !== String(maxSide) && word !== lane)
      .join(' '),
  );
  const rules = [
    minConfidence > 0 ? `below confidence ${minConfidence}` : undefined,
    climbing.length > 0 ? `on a broken ${climbing.join(', ')}` : undefined,
  ].filter((rule) => rule !== undefined);
  const when = steps.length === 1 ? '' : `, climbing ${rules.join(' or ') || 'on failures only'}`;
  return `${names.join(' → ')} at ${maxSide} px, ${lane}${when}`;
}
