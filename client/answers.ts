import type { z } from 'zod';
import { describe } from '../shared/profiles/describe.ts';
import { inventory } from '../shared/profiles/inventory.ts';
import { moderation } from '../shared/profiles/moderation.ts';

/** The schema of each profile's answer, by name. */
export const ANSWERS = {
  describe: describe.schema,
  inventory: inventory.schema,
  moderation: moderation.schema,
} as const;

export type ProfileName = keyof typeof ANSWERS;

/** The answer of a profile: `AnswerOf<'inventory'>`. */
export type AnswerOf<P extends ProfileName> = z.infer<(typeof ANSWERS)[P]>;

export const isProfileName = (name: string): name is ProfileName => Object.hasOwn(ANSWERS, name);
