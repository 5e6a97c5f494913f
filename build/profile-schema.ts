import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { profileFile } from '../shared/profiles/file/profile-file.ts';
import { PROFILES_FOLDER, SCHEMA_FILE } from '../shared/profiles/folder.ts';

/** The JSON Schema of a profile's file, from which editors complete and check it. */
export const profileSchema = (): string =>
  `${JSON.stringify({ title: 'Profile', ...z.toJSONSchema(profileFile, { io: 'input' }) }, undefined, 2)}\n`;

if (import.meta.main) await writeFile(join(PROFILES_FOLDER, SCHEMA_FILE), profileSchema());
