import { z } from 'zod';
import { type AnswerOf, defineProfile } from './define.ts';
import { STANDARD_LADDER } from './standard-ladder.ts';

/** What is in the picture, for search and accessibility. The default profile. */
export const describe = defineProfile({
  name: 'describe',
  version: 1,
  prompt: 'Describe the picture for someone who cannot see it, and copy the text that can be read in it.',
  schema: z.object({
    caption: z.string().max(500).describe('one or two plain sentences'),
    tags: z.array(z.string().max(40)).max(12).describe('lower-case nouns, most telling first'),
    visibleText: z
      .string()
      .max(4000)
      .describe('text as written in the picture, lines kept; empty when there is none'),
    confidence: z.number().min(0).max(1).describe('how sure you are of caption and text together'),
  }),
  maxSide: 2048,
  ladder: STANDARD_LADDER,
  minConfidence: 0.4,
  cacheTtlHours: 24 * 30,
});

export type Description = AnswerOf<typeof describe>;
