import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles, DEFAULT_PROFILE, wantedPicture } from '../../shared/profiles/index.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import type { StoredProfile } from '../../shared/profiles/store/profile-documents.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { formatAge } from '../text/units.ts';
import { wrap } from '../text/width.ts';
import { findOther, findProfile, ownFile } from './find.ts';
import { printProfile } from './pages.ts';
import { referenceFacts } from './references.ts';
import { openStoreIfAny, useStoredProfiles } from './stored.ts';
import { printHistory } from './versions.ts';

/** The profiles of the pipeline, with the version that is asked and since when. */
export async function listProfiles(cli: Cli, options: { json?: boolean }): Promise<void> {
  const { out } = cli;
  const store = await openStoreIfAny(cli);
  if (store) await useStoredProfiles(await cli.target());
  const all = await Promise.all(
    allProfiles().map(async (profile) => ({ profile, stored: await store?.profile(profile.name) })),
  );
  if (options.json) return out.json(all.map(({ profile, stored }) => summary(profile, stored)));
  for (const { profile, stored } of all) {
    const isDefault = profile.name === DEFAULT_PROFILE ? '  (default)' : '';
    const other = stored && otherFile(profile.name, stored);
    const version = stored ? `  ${versionSentence(stored)}` : '';
    out.line(`${out.bold(profile.name)}${out.dim(`${version}${isDefault}`)}`);
    for (const line of wrap(profile.prompt, Math.min(out.width, 100) - 2)) out.line(`  ${out.dim(line)}`);
    if (other !== undefined)
      out.line(`  ${out.yellow(`${other} says something else: pipeline profiles diff ${profile.name}`)}`);
  }
}

/** The file of this project that says something else than the active version does. */
function otherFile(name: string, { active, versions }: StoredProfile): string | undefined {
  const own = ownFile(name);
  const asked = versions.find(({ version }) => version === active);
  return own?.candidate && own.candidate.digest !== asked?.digest ? `profiles/${own.file}` : undefined;
}

function versionSentence({ active, changes }: StoredProfile): string {
  const last = changes.at(-1);
  if (!last) return `version ${active}`;
  return `version ${active}, ${last.action} ${formatAge(last.at, Date.now())}${last.by === null ? '' : ` by ${last.by}`}`;
}

const summary = (profile: Profile, stored?: StoredProfile) => {
  const { name, version, prompt, minConfidence, cacheTtlHours, ladder } = profile;
  const wanted = { ...wantedPicture(profile), minConfidence, cacheTtlHours, ladder };
  return { name, version, prompt, ...wanted, ...(stored ? { changes: stored.changes } : {}) };
};

/** One profile: what it asks and how, and what happened to it. */
export async function showProfile(
  cli: Cli,
  what: string,
  options: { of?: string; file?: boolean; json?: boolean },
): Promise<void> {
  const { out } = cli;
  const { profile, text } =
    options.of === undefined ? await findProfile(cli, what) : await findOther(cli, what, options.of);
  if (options.file) {
    if (text === undefined) throw new CliError(`${profile.name} is written in TypeScript and has no file.`);
    return out.line(text.trimEnd());
  }
  const { shape, responseSchema } = compileZod(profile.schema);
  const references = referenceFacts(profile);
  const stored = await (await openStoreIfAny(cli))?.profile(profile.name);
  if (options.json) return out.json({ ...summary(profile, stored), references, responseSchema });
  printProfile(out, profile, shape, references);
  if (stored) printHistory(out, stored);
}
