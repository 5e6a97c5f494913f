import type { Evaluation } from '../../evaluation/evaluation.ts';
import { successorVariants, type Variant } from '../../evaluation/variants.ts';
import { forecastOf } from '../../shared/money/forecast.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { modelChanges } from '../../shared/profiles/model-changes.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';
import type { EvaluateOptions } from './options.ts';
import { dollars, percent } from './report/numbers.ts';

/** The ladder as it is, and with what could follow each model that changes. @throws CliError where none does */
export function variantsToCome(profile: Profile, options: EvaluateOptions, nowMs: number): Variant[] {
  if (options.models ?? options.resolutions)
    throw new CliError('--successors chooses the models.', { hint: 'Leave out --models and --resolutions.' });
  const prices = new PriceList();
  const changes = modelChanges(prices, [profile], nowMs);
  if (changes.length === 0)
    throw new CliError(`No model of ${profile.name} ends or changes its price in the next 90 days.`, {
      hint: 'Name models to try with --models.',
    });
  const successors = new Map(
    changes.map(({ model, to, newest }) => [
      model,
      [to, newest].filter(
        (one): one is string => one !== undefined && one !== model && prices.row(one, nowMs) !== undefined,
      ),
    ]),
  );
  return successorVariants(profile, successors, options);
}

/** What each variant will cost after each change: the tokens of this run at the prices of then. */
export function printFuture(out: Output, profile: Profile, { variants }: Evaluation, nowMs: number): void {
  const prices = new PriceList();
  for (const { on } of modelChanges(prices, [profile], nowMs)) {
    out.line(`${out.bold('From then on')}  ${on}`);
    out.table(
      [
        { title: 'VARIANT' },
        { title: 'SCORE', align: 'right' },
        { title: '$ PER 1,000 TODAY', align: 'right' },
        { title: 'THEN', align: 'right' },
      ],
      variants.map(({ id, model, score, tokens, lane }) => {
        const { nowUsd, thenUsd } = forecastOf(prices, model, tokens, [nowMs, Date.parse(on)], lane);
        return [id, percent(score.mean), dollars(nowUsd * 1_000), dollars(thenUsd * 1_000)];
      }),
      '  ',
    );
  }
}
