import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { copyReferences } from '../../build/deployable.ts';
import { defineProfile } from '../../shared/profiles/define.ts';
import { damage, png, useReferenceFolder } from '../support/damage-profile.ts';
import { picture } from '../support/pipeline.ts';

const references = useReferenceFolder();

describe('a reference picture that cannot be used', () => {
  it.each<[string, () => Promise<Buffer | string | undefined>, string]>([
    ['is missing', async () => undefined, 'there is no such file in profiles/references'],
    ['is no picture', async () => 'not a picture at all', 'it is neither a JPEG nor a PNG picture'],
    ['is empty', async () => '', 'it is neither a JPEG nor a PNG picture'],
    ['is a cut-off JPEG', async () => (await picture(1)).subarray(0, -40), 'it is cut off'],
    ['is a cut-off PNG', async () => (await png(9, 9)).subarray(0, -4), 'it is cut off'],
    ['is only the start of a JPEG', async () => (await picture(1)).subarray(0, 12), 'it is cut off'],
    ['is too large', async () => Buffer.alloc(1_000_001), 'it has 1000001 bytes, at most 1000000'],
    [
      'says where it was taken',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } })
          .withExif({ IFD0: { Copyright: 'x' } })
          .jpeg()
          .toBuffer(),
      'it holds EXIF data',
    ],
  ])('because it %s ends the start with its profile and file', async (_, bytes, sentence) => {
    const content = await bytes();
    await rm(join(references.path(), 'damage/dent.jpg'));
    if (content !== undefined) await references.store('damage/dent.jpg', content);
    expect(() => references.load()).toThrow(`profile damage, damage/dent.jpg: ${sentence}`);
  });

  it('is told together with the others', async () => {
    await rm(join(references.path(), 'damage'), { recursive: true });
    expect(() => references.load()).toThrow(/dent\.jpg: .*\n.*tear\.png: /);
  });

  it('because all together are too large is an error that names the profile', async () => {
    const files = Array.from({ length: 5 }, (_, i) => `damage/${i}.png`);
    const noise = await sharp(
      Buffer.alloc(3 * 540 * 540).map((_, i) => (i * i * 31) >> 3),
      {
        raw: { width: 540, height: 540, channels: 3 },
      },
    )
      .png({ compressionLevel: 0 })
      .toBuffer();
    for (const file of files) await references.store(file, noise);
    const noisy = { ...damage, references: files.map((file) => ({ file, caption: 'Noise.' })) };
    expect(() => references.load(noisy)).toThrow(/profile damage: .* at most 4000000/);
  });

  it.each([
    [{ file: '../secret.png', caption: 'x' }, 'must be a .jpg or .png below profiles/references'],
    [{ file: 'a.gif', caption: 'x' }, 'must be a .jpg or .png'],
    [{ file: 'a.png', caption: ' ' }, 'needs a caption'],
  ])('as %j is refused when the profile is loaded', (one, sentence) => {
    expect(() => defineProfile({ ...damage, references: [one] })).toThrow(sentence);
  });
});

describe('a bundled function', () => {
  it('finds the reference pictures beside it, where the build copies them', async () => {
    const out = await mkdtemp(join(tmpdir(), 'bundled-'));
    const project = join(import.meta.dirname, '../..');
    await build({
      stdin: {
        contents: `import { loadReferences } from './shared/profiles/references.ts';
          const profile = { name: 'damage', references: [{ file: 'damage/dent.jpg', caption: 'A dent.' }] };
          console.log(loadReferences([profile])(profile)[0].width);`,
        resolveDir: project,
      },
      ...{ bundle: true, platform: 'node', format: 'esm', outfile: join(out, 'index.mjs') },
    });
    await copyReferences(references.path(), out);
    expect((await readdir(out)).sort()).toEqual(['index.mjs', 'profiles']);
    const { stdout } = await promisify(execFile)(process.execPath, [join(out, 'index.mjs')]);
    await rm(out, { recursive: true });
    expect(stdout.trim()).toBe('64');
  });
});
