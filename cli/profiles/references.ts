import type { Profile, Reference } from '../../shared/profiles/define.ts';
import { loadReferences, ReferencesError } from '../../shared/profiles/references.ts';
import { CliError } from '../failure.ts';

/** A reference picture without its content. Pixels. */
export interface ReferenceFacts extends Reference {
  bytes: number;
  width: number;
  height: number;
}

/** The reference pictures of a profile as they lie in the folder. @throws CliError that names each unusable one */
export function referenceFacts(profile: Profile, folder?: string): ReferenceFacts[] {
  try {
    const pictures = loadReferences([profile], folder)(profile);
    return (profile.references ?? []).flatMap(({ file, caption }, index) => {
      const picture = pictures[index];
      if (!picture) return [];
      const { width, height, base64 } = picture;
      return [{ file, caption, bytes: Buffer.byteLength(base64, 'base64'), width, height }];
    });
  } catch (error) {
    if (!(error instanceof ReferencesError)) throw error;
    throw new CliError(error.message, { hint: 'Correct the files in profiles/references.' });
  }
}
