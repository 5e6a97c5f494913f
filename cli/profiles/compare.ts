import type { Output } from '../output.ts';
import { digest } from '../results/digest.ts';
import { plain } from '../text/plain.ts';
import type { Trial } from './trial.ts';

/** What one picture was answered, or why it was not. */
export type PictureTrial = { picture: string } & ({ trial: Trial } | { failure: string });

/** Both sides of a comparison, picture by picture. */
interface ComparedTrials {
  /** For people: `version 3`, `receipt.yaml`. */
  labels: readonly [now: string, against: string];
  pairs: readonly { now: PictureTrial; against: PictureTrial }[];
}

/** A row a picture: answer, confidence, step, price and time. */
export function printTrials(out: Output, trials: readonly PictureTrial[]): void {
  out.table(
    [
      { title: 'PICTURE', shrinkTo: 12 },
      { title: 'ANSWER', shrinkTo: 24 },
      { title: 'CONFIDENCE', align: 'right' },
      { title: 'STEP', align: 'right' },
      { title: 'PRICE', align: 'right' },
    ],
    trials.map((one) => [
      plain(one.picture),
      'trial' in one ? digest(one.trial.answer) : plain(one.failure),
      confidenceOf(one),
      'trial' in one ? String(one.trial.model.step + 1) : '–',
      priceText(priceOf([one])),
    ]),
  );
  out.line(out.dim(totals(trials)));
}

/** The fields that differ, and what both sides cost and how sure they were. */
export function printComparison(out: Output, { labels, pairs }: ComparedTrials): void {
  const rows = pairs.flatMap(({ now, against }) => differentFields(now, against));
  if (rows.length === 0) out.line('Every field of every picture is answered the same.');
  else
    out.table(
      [
        { title: 'PICTURE', shrinkTo: 12 },
        { title: 'FIELD', shrinkTo: 12 },
        { title: labels[1].toUpperCase(), shrinkTo: 16 },
        { title: labels[0].toUpperCase(), shrinkTo: 16 },
      ],
      rows,
    );
  out.line();
  for (const [i, label] of labels.entries()) {
    const side = pairs.map((pair) => (i === 0 ? pair.now : pair.against));
    out.line(out.dim(`${label}: ${totals(side)}`));
  }
}

/** Picture, field, value against, value now; a picture that has no answer has one row. */
function differentFields(now: PictureTrial, against: PictureTrial): string[][] {
  if (!('trial' in now) || !('trial' in against)) {
    const said = (one: PictureTrial) => ('trial' in one ? digest(one.trial.answer) : plain(one.failure));
    return said(now) === said(against) ? [] : [[plain(now.picture), '', said(against), said(now)]];
  }
  const [after, before] = [leavesOf(now.trial.answer), leavesOf(against.trial.answer)];
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((path) => after.get(path) !== before.get(path) && path !== 'confidence')
    .map((path) => [plain(now.picture), path, before.get(path) ?? '–', after.get(path) ?? '–']);
}

/** Every value of an answer by its path: `lines[0].price`. */
function leavesOf(value: unknown, path = ''): Map<string, string> {
  if (Array.isArray(value)) return joined(value.map((item, i) => leavesOf(item, `${path}[${i}]`)));
  if (typeof value === 'object' && value !== null)
    return joined(
      Object.entries(value).map(([key, item]) => leavesOf(item, path === '' ? key : `${path}.${key}`)),
    );
  return new Map([[path, plain(value === null ? 'null' : String(value))]]);
}

const joined = (maps: readonly Map<string, string>[]): Map<string, string> =>
  new Map(maps.flatMap((map) => [...map]));

const confidenceOf = (one: PictureTrial): string =>
  'trial' in one && one.trial.model.confidence !== null ? one.trial.model.confidence.toFixed(2) : '–';

/** Undefined where a call has no known price. */
function priceOf(trials: readonly PictureTrial[]): number | undefined {
  const costs = trials.flatMap((one) =>
    'trial' in one ? one.trial.attempts.map(({ costUsd }) => costUsd) : [],
  );
  return costs.includes(null) ? undefined : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
}

const priceText = (usd: number | undefined): string => (usd === undefined ? '–' : `$${usd.toFixed(6)}`);

function totals(trials: readonly PictureTrial[]): string {
  const answered = trials.filter((one) => 'trial' in one);
  const sure = answered.flatMap(({ trial }) => trial.model.confidence ?? []);
  const mean = sure.length === 0 ? '–' : (sure.reduce((sum, one) => sum + one, 0) / sure.length).toFixed(2);
  const usd = priceOf(trials);
  const per1000 =
    usd === undefined || answered.length === 0
      ? ''
      : `, $${((usd / answered.length) * 1_000).toFixed(2)} for 1,000`;
  return `${answered.length} of ${trials.length} answered, mean confidence ${mean}, ${priceText(usd)}${per1000}`;
}
