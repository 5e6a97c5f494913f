import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import { defineProfile, type Profile } from '../../shared/profiles/define.ts';
import { loadReferences, type ReferencePicture } from '../../shared/profiles/references.ts';
import { picture } from './pipeline.ts';

const MODEL = 'gemini-3.5-flash-lite';

/** A profile with two reference pictures, a JPEG and a PNG. */
export const damage = defineProfile({
  name: 'damage',
  version: 1,
  prompt: 'What is damaged?',
  schema: z.object({ caption: z.string(), confidence: z.number().min(0).max(1) }),
  maxSide: 1024,
  ladder: [
    { models: [MODEL], mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 500 },
    { models: [MODEL], mediaResolution: 'HIGH', thinkingLevel: 'minimal', maxOutputTokens: 500 },
  ],
  minConfidence: 0,
  cacheTtlHours: 1,
  references: [
    { file: 'damage/dent.jpg', caption: 'A dent.' },
    { file: 'damage/tear.png', caption: 'A tear.' },
  ],
});

export const png = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

/** A folder of reference pictures that holds those of the profile before each test. */
export interface ReferenceFolder {
  path(): string;
  store(file: string, bytes: Buffer | string): Promise<void>;
  load(profile?: Profile): readonly ReferencePicture[];
}

export function useReferenceFolder(): ReferenceFolder {
  let folder: string;
  const store = async (file: string, bytes: Buffer | string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), bytes);
  };
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'references-')), 'references');
  });
  beforeEach(async () => {
    await store('damage/dent.jpg', await picture(1, 64, 48));
    await store('damage/tear.png', await png(30, 60));
  });
  afterAll(() => rm(dirname(folder), { recursive: true }));
  return {
    path: () => folder,
    store,
    load: (profile = damage) => loadReferences([profile], folder)(profile),
  };
}
