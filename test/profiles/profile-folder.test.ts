import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileSchema } from '../../build/profile-schema.ts';
import {
  BUILT_FILE,
  builtProfiles,
  loadProfileFolder,
  PROFILES_FOLDER,
  SCHEMA_FILE,
} from '../../shared/profiles/folder.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { SMALLEST } from './profile-texts.ts';

describe('a folder of profiles', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    await mkdir(join(folder, 'references'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives each file its profile, and says everything that is wrong with any of them', async () => {
    await writeFile(join(folder, 'receipt.yaml'), SMALLEST);
    await writeFile(join(folder, 'ticket.json'), '{"prompt":"x","fields":{"gate":"text"}}');
    await writeFile(join(folder, '.receipt.yaml.swp'), 'of an editor');
    expect(loadProfileFolder(folder).map(({ name }) => name)).toEqual(['receipt', 'ticket']);
    await writeFile(join(folder, 'receipt.yml'), SMALLEST);
    await writeFile(join(folder, 'Bad Name.yaml'), SMALLEST);
    expect(() => loadProfileFolder(folder)).toThrow(
      /Bad Name\.yaml.*name must be lower-case[\s\S]*receipt\.yml defines a profile receipt as well/,
    );
    await rm(join(folder, 'receipt.yml'));
    await rm(join(folder, 'Bad Name.yaml'));
  });

  it('is the same profiles when it was built for the functions', async () => {
    const built = join(folder, 'built');
    await mkdir(built);
    await writeFile(join(built, BUILT_FILE), builtProfiles(folder));
    const plain = (path: string) =>
      loadProfileFolder(path).map(({ schema, ...profile }) => ({ ...profile, ...compileZod(schema).shape }));
    expect(plain(built)).toEqual(plain(folder));
  });

  it('comes with examples that work', () => {
    expect(loadProfileFolder(join(PROFILES_FOLDER, 'examples')).map(({ name }) => name)).toEqual([
      ...['moderation-by-decision', 'receipt'],
    ]);
  });

  it('has the schema of its files beside them, as editors read it', async () => {
    const written = await readFile(join(PROFILES_FOLDER, SCHEMA_FILE), 'utf8');
    expect(JSON.parse(written)).toEqual(JSON.parse(profileSchema()));
  });
});
