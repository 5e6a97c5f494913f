import { createHash } from 'node:crypto';
import type { ReferencePicture } from '../../shared/profiles/references.ts';
import { picture } from './pipeline.ts';

/** A loaded reference picture, 4:3, whose bytes depend on the seed. */
export async function reference(seed: number, caption = `Kind ${seed}.`): Promise<ReferencePicture> {
  const [width, height] = [64, 48];
  const bytes = await picture(seed, width, height);
  return {
    ...{ caption, mimeType: 'image/jpeg', width, height },
    base64: bytes.toString('base64'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
