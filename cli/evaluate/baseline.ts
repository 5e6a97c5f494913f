import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compareRuns } from '../../evaluation/compare-runs.ts';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { plural } from '../text/units.ts';
import { percent, shortly } from './report/numbers.ts';

/** The report.json of an earlier run. @throws CliError for anything else */
export async function readBaseline(path: string, cwd: string): Promise<Evaluation> {
  const text = await readFile(resolve(cwd, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${path} cannot be read (${error.code}).`, {
      hint: 'Name the report.json of an earlier run.',
    });
  });
  try {
    const value = JSON.parse(text) as Partial<Evaluation> | null;
    if (value?.kind === 'evaluation' && value.format === 1) return value as Evaluation;
  } catch {
    // Said below.
  }
  throw new CliError(`${path} is no report of pipeline evaluate.`, {
    hint: 'Name the report.json of an earlier run.',
  });
}

const MAX_SHOWN = 20;

/** Says what got worse than in the earlier run. @throws CliError when something did, or cannot be compared */
export function holdAgainst(
  { out }: Cli,
  before: Evaluation,
  now: Evaluation,
  { path, maxDrop }: { path: string; maxDrop: number },
): void {
  if (before.profile.name !== now.profile.name)
    throw new CliError(`${path} is about ${before.profile.name}, this run about ${now.profile.name}.`);
  const { worse, cells, missing } = compareRuns(before, now, maxDrop);
  if (missing.length > 0)
    throw new CliError(`This run did not ask ${missing.join(', ')}, which ${path} has.`, {
      hint: 'Ask the same models, resolutions, sides and lanes.',
    });
  if (before.labels !== now.labels)
    out.remark(
      `${path} has ${plural(before.labels, 'label')}, this run ${now.labels}: their figures differ for that alone.`,
    );
  if (worse.length === 0) {
    out.note(`Nothing is worse than ${path} by more than ${percent(maxDrop)}.`);
    return;
  }
  for (const { variant, figure, before: was, now: is } of worse)
    out.remark(`${variant}: ${figure} ${percent(was)} → ${percent(is)}`);
  for (const { variant, label, at, expected, given } of cells.slice(0, MAX_SHOWN))
    out.remark(`  ${label} ${at}: ${shortly(expected)} read as ${shortly(given)} (${variant})`);
  if (cells.length > MAX_SHOWN) out.remark(`  and ${cells.length - MAX_SHOWN} more`);
  throw new CliError(
    `${plural(worse.length, 'figure')} fell by more than ${percent(maxDrop)} against ${path}.`,
    {
      hint: 'Find out why, or take this run as the new baseline.',
    },
  );
}
