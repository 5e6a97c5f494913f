import { LabelKeeper } from '../../shared/results/labels/keep.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { Target } from '../target.ts';

/** Keeps labels as the function api does; a deployment that ends them by age says so in LABEL_RETENTION_DAYS. */
export function keeperOf({ env }: Pick<Cli, 'env'>, { buckets }: Pick<Target, 'buckets'>): LabelKeeper {
  const said = env['LABEL_RETENTION_DAYS'] || '0';
  if (!/^\d{1,5}$/.test(said))
    throw new CliError(`LABEL_RETENTION_DAYS is "${said}", no number of days.`, {
      hint: 'Write retention_days.labels of terraform/terraform.tfvars; 0 or nothing keeps labels for ever.',
    });
  return new LabelKeeper({ buckets, retentionDays: Number(said) });
}
