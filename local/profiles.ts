import { relative } from 'node:path';
import { PROFILES_FOLDER } from '../shared/profiles/folder.ts';
import { DEFAULT_PROFILE } from '../shared/profiles/index.ts';
import type { Candidate } from '../shared/profiles/store/candidate.ts';
import type { StoredProfile } from '../shared/profiles/store/profile-documents.ts';
import type { ProfileStore } from '../shared/profiles/store/profile-store.ts';
import { type FollowedFolder, followFolder, type ProfileChange } from './follow-folder.ts';

/** Who saves a file means it. */
const FROM_FOLDER = { action: 'folder', by: null } as const;

/**
 * Stores each profile whose file is saved while everything runs, and what was saved while nothing ran; says what becomes
 * of it. Ends when what was there at the start is stored.
 */
export async function storeSavedProfiles(
  store: ProfileStore,
  say: (line: string) => void,
  folder: string = process.env['PROFILES_FOLDER'] ?? PROFILES_FOLDER,
): Promise<FollowedFolder> {
  const shown = relative(process.cwd(), folder) || '.';
  // One after the other: of two files saved at once neither waits for a lost race.
  let last = Promise.resolve();
  const followed = followFolder(folder, (changes) => {
    for (const change of changes)
      last = last
        .then(() => take(store, change))
        .then(() => say(sentenceOf(change, shown)))
        .catch((error: unknown) => say(`${shown}/${change.file}: not taken up: ${String(error)}`));
  });
  const saved = followed.profiles();
  for (const candidate of saved)
    await store.put(
      candidate,
      FROM_FOLDER,
      (known) => known !== undefined && !wasRemoved(known) && isVersionOf(known, candidate),
    );
  for (const name of Object.keys(await store.active()))
    if (name !== DEFAULT_PROFILE && !saved.some((candidate) => candidate.name === name))
      await store.delete(name, FROM_FOLDER, ({ changes }) => changes.at(-1)?.action !== 'folder');
  return followed;
}

const isVersionOf = ({ versions }: StoredProfile, { digest }: Candidate): boolean =>
  versions.some((one) => one.digest === digest);

/** Its file was removed, and is there again. */
const wasRemoved = ({ active, changes }: StoredProfile): boolean =>
  active === null && changes.at(-1)?.action === 'folder';

async function take(store: ProfileStore, change: ProfileChange): Promise<void> {
  if (change.kind === 'removed') await store.delete(change.name, FROM_FOLDER);
  else if (change.kind !== 'refused') await store.put(change.candidate, FROM_FOLDER);
}

function sentenceOf(change: ProfileChange, folder: string): string {
  const { file, name } = change;
  switch (change.kind) {
    case 'new':
      return `${folder}/${file}: taken up; upload to ${name}/ or try it: npm run pipeline -- profiles try ${name} PICTURE`;
    case 'changed':
      return `${folder}/${file}: the change is taken up`;
    case 'removed':
      return `${folder}/${file}: gone, and the profile ${name} with it; pictures under way finish`;
    case 'refused':
      return `${folder}/${file}: not taken up\n${change.problems.map((problem) => `  ${problem}`).join('\n')}`;
  }
}
