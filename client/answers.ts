// Written by `pipeline profiles types`: change the profile and write it again.
import { z } from 'zod';

/** What the profile describe answers. */
const describe = z.object({
  caption: z.string().max(500).describe('one or two plain sentences'),
  tags: z.array(z.string().max(40)).max(12).describe('lower-case nouns, most telling first'),
  visibleText: z
    .string()
    .max(4_000)
    .describe('text as written in the picture, lines kept; empty when there is none'),
  confidence: z.number().min(0).max(1).describe('how sure you are of caption and text together'),
});

/** What the profile inventory answers. */
const inventory = z.object({
  shelfId: z.string().max(40).nullable().describe('as written on the shelf; null when it cannot be read'),
  items: z
    .array(
      z.object({
        sku: z.string().max(64).describe('the code itself, without a leading word such as SKU'),
        quantity: z.int().min(0).max(100_000),
        condition: z.enum(['new', 'damaged']),
      }),
    )
    .max(60),
  confidence: z.number().min(0).max(1).describe('how sure you are that codes and quantities are right'),
});

/** What the profile moderation answers. */
const moderation = z.object({
  adult: z.enum(['none', 'low', 'medium', 'high']).describe('nudity or sexual content'),
  violence: z
    .enum(['none', 'low', 'medium', 'high'])
    .describe('injury, weapons used against someone, cruelty'),
  hate: z
    .enum(['none', 'low', 'medium', 'high'])
    .describe('attacks on people for what they are, hate symbols'),
  selfHarm: z.enum(['none', 'low', 'medium', 'high']),
  illegalGoods: z.enum(['none', 'low', 'medium', 'high']).describe('drugs, weapons for sale, counterfeits'),
  personalData: z
    .enum(['none', 'low', 'medium', 'high'])
    .describe('readable documents, addresses, number plates, faces of children'),
  reason: z.string().max(300).describe('one sentence that names what was seen'),
  confidence: z.number().min(0).max(1),
});

/** The schema of each profile's answer, by name. */
export const ANSWERS = {
  describe,
  inventory,
  moderation,
} as const;

export type ProfileName = keyof typeof ANSWERS;

/** The answer of a profile: `AnswerOf<'inventory'>`. */
export type AnswerOf<P extends ProfileName> = z.infer<(typeof ANSWERS)[P]>;

export const isProfileName = (name: string): name is ProfileName => Object.hasOwn(ANSWERS, name);
