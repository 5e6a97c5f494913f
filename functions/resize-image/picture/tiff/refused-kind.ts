import { firstDirectory } from './directory.ts';
import { isRawPhoto } from './raw-photo.ts';
import { undecodableKind } from './undecodable.ts';

/** What a TIFF is called that is refused for its kind, by its first page; undefined for all others, damaged ones too. */
export function refusedKind(bytes: Buffer): string | undefined {
  const directory = firstDirectory(bytes);
  if (!directory) return undefined;
  if (isRawPhoto(directory)) return 'a raw photo (DNG, NEF or ARW)';
  const kind = undecodableKind(directory);
  return kind && `a TIFF picture ${kind}`;
}
