import { expectedPrice } from '../../shared/money/profile-price.ts';
import { differencesWithPictures } from '../../shared/profiles/file/differences.ts';
import { isInTypeScript } from '../../shared/profiles/index.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import type { Candidate } from '../../shared/profiles/store/candidate.ts';
import { type Foreseen, foresee } from '../../shared/profiles/store/foresee.ts';
import type { ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { priceChange, printDifferences } from './difference-lines.ts';
import { fileOf, storedProfile } from './find.ts';
import { lintProfiles } from './lint.ts';
import { author, openStore, saying } from './stored.ts';

interface PushOptions {
  dryRun?: boolean;
  activate: boolean;
  json?: boolean;
}

/** What became of one file, or would. */
type Pushed = Foreseen & { name: string };

/** Makes files the active versions of their profiles. One that cannot be used keeps all of them back. */
export async function pushProfiles(cli: Cli, what: readonly string[], options: PushOptions): Promise<void> {
  const { out } = cli;
  const paths = what.map((one) => fileOf(cli, one));
  const linted = await lintProfiles(paths, cli.cwd, Date.now());
  const problems = [...linted.flatMap((one) => one.problems), ...twins(linted)];
  if (problems.length > 0)
    throw new CliError(`Nothing is pushed:\n${problems.join('\n')}`, { hint: 'Correct the files first.' });
  const store = await openStore(cli);
  const pushed: Pushed[] = [];
  for (const { candidate, warnings } of linted) {
    if (!candidate) continue;
    if (isInTypeScript(candidate.name)) throw new CliError(`${candidate.name} is written in TypeScript.`);
    for (const warning of warnings) out.warning(warning);
    pushed.push(await pushOne(cli, store, candidate, options));
  }
  if (options.json) out.json(pushed);
  else if (!options.dryRun && pushed.some(({ outcome }) => outcome !== 'unchanged'))
    out.note('Functions ask by it within a minute; back: pipeline profiles rollback NAME');
}

/** Two files of one name are two opinions of one profile. */
function twins(linted: Awaited<ReturnType<typeof lintProfiles>>): string[] {
  const byName = Map.groupBy(linted, ({ candidate }) => candidate?.name);
  return [...byName].flatMap(([name, files]) =>
    name === undefined || files.length < 2
      ? []
      : [`${files.map(({ file }) => file).join(' and ')} define one profile, ${name}`],
  );
}

async function pushOne(
  cli: Cli,
  store: ProfileStore,
  candidate: Candidate,
  { dryRun = false, activate, json = false }: PushOptions,
): Promise<Pushed> {
  const { name, profile } = candidate;
  const known = await store.profile(name);
  const active = known?.active ?? undefined;
  const before = active === undefined ? undefined : await storedProfile(store, name, active);
  const change = { action: 'push', by: author(), activate } as const;
  const changed = dryRun
    ? undefined
    : await saying(() => store.put(candidate, { ...change, basedOn: active ?? null }));
  const pushed: Pushed = { name, ...(changed ?? foresee(candidate, known, activate)) };
  if (json) return pushed;
  cli.out.line(`${cli.out.bold(name)}  ${sentence(pushed, active, dryRun)}`);
  if (pushed.outcome === 'unchanged') return pushed;
  if (before) printDifferences(cli.out, differencesWithPictures(before, candidate));
  const price = (one: typeof profile) => expectedPrice(one, loadReferences([])(one)) * 1_000;
  cli.out.line(`  ${cli.out.dim(priceChange(price(profile), before && price(before.profile)))}`);
  return pushed;
}

function sentence(
  { outcome, version, isActive }: Pushed,
  active: number | undefined,
  dryRun: boolean,
): string {
  const was = active === undefined ? '' : `, before version ${active}`;
  if (outcome === 'unchanged') return `is version ${version} already`;
  if (dryRun) {
    const asked = isActive ? was : ', stored and not active';
    return version === null ? `would be a new version${asked}` : `would be version ${version} again${asked}`;
  }
  if (!isActive) return `version ${version} is stored and not active; try it: --against ${version}`;
  return `version ${version} is active${outcome === 'activated' ? ' again' : ''}${was}`;
}
