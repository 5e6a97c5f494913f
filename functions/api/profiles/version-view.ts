import { expectedPrice } from '../../../shared/money/profile-price.ts';
import type { Profile } from '../../../shared/profiles/define.ts';
import { readProfileValue } from '../../../shared/profiles/file/read-profile.ts';
import { takeReferences } from '../../../shared/profiles/references.ts';
import type { StoredVersion } from '../../../shared/profiles/store/profile-documents.ts';
import type { ProfileStore } from '../../../shared/profiles/store/profile-store.ts';
import type { ProfileVersionView } from '../../../shared/results/api/profile-views.ts';
import { schemaOf } from './list-profiles.ts';

/** A stored version with what it means. */
export interface ReadVersion {
  stored: StoredVersion;
  content: Record<string, unknown>;
  profile: Profile;
  references: ProfileVersionView['references'];
  /** Of its reference pictures, by file. */
  pictures: ReadonlyMap<string, Buffer>;
  priceUsdPer1000: number;
}

const PER_1000 = 1_000;

export const pricePer1000 = (profile: Profile, references: ReturnType<typeof takeReferences>): number =>
  Number((expectedPrice(profile, references) * PER_1000).toFixed(6));

/** Undefined when there is no such version. Throws STORE_UNAVAILABLE. */
export async function readVersion(
  store: ProfileStore,
  name: string,
  version: number,
): Promise<ReadVersion | undefined> {
  const stored = await store.version(name, version);
  if (!stored) return undefined;
  const content = JSON.parse(stored.content) as Record<string, unknown>;
  const read = readProfileValue(name, content);
  if ('problems' in read)
    throw new Error(`${name}, version ${version}: ${read.problems.map(({ text }) => text).join('; ')}`);
  const { profile } = read;
  const pictures = await store.pictures(name, stored.pictures);
  const taken = takeReferences(profile, (file) => pictures.get(file));
  const references = (profile.references ?? []).flatMap(({ file, caption }, i) => {
    const picture = taken[i];
    if (!picture) return [];
    const { width, height, sha256 } = picture;
    return [{ file, caption, bytes: pictures.get(file)?.length ?? 0, width, height, sha256 }];
  });
  return { stored, content, profile, pictures, references, priceUsdPer1000: pricePer1000(profile, taken) };
}

/** What it is compared by. */
export const picturedOf = ({ content, stored: { pictures } }: ReadVersion) => ({ content, pictures });

/** As the API answers it; `by` is for callers who see everything. */
export const viewOfVersion = (
  name: string,
  version: number,
  { stored, content, profile, references, priceUsdPer1000 }: ReadVersion,
  { active, isTold }: { active: number | null; isTold: boolean },
): ProfileVersionView => ({
  ...{ name, version, isActive: version === active, text: stored.text, content },
  schema: schemaOf(profile),
  ...{ references, priceUsdPer1000, at: stored.at.toISOString(), by: isTold ? stored.by : null },
});
