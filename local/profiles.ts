import { relative } from 'node:path';
import { PROFILES_FOLDER } from '../shared/profiles/folder.ts';
import { type FollowedFolder, followFolder, type ProfileChange } from '../shared/profiles/follow-folder.ts';

/** Says what becomes of each profile that is saved while everything runs; the functions take it up on their own. */
export function sayProfileChanges(
  say: (line: string) => void,
  folder: string = process.env['PROFILES_FOLDER'] ?? PROFILES_FOLDER,
): FollowedFolder {
  const shown = relative(process.cwd(), folder) || '.';
  return followFolder(folder, (changes) => {
    for (const change of changes) say(sentenceOf(change, shown));
  });
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
