import { z } from 'zod';
import { resultId } from './result.ts';

const count = z.number().int();

const deadLetter = z.object({
  object: z
    .string()
    .nullable()
    .describe('gs://bucket/name#generation; null for what is no event of a bucket'),
  id: resultId.nullable(),
  stage: z.enum(['resize', 'analyze']).describe('the stage that could not take it'),
  deliveries: count.nullable().describe('before it was given up'),
  publishedAt: z.iso.datetime(),
  fate: z
    .enum(['replay', 'settled', 'unreadable'])
    .describe('what a replay does with it: deliver it again, remove it, or leave it'),
  reason: z.string(),
});

/** `GET /v1/dead-letters` */
export const deadLetterList = z
  .object({ letters: z.array(deadLetter), hasMore: z.boolean() })
  .meta({ id: 'DeadLetterList' });

export type DeadLetterList = z.infer<typeof deadLetterList>;

/** `POST /v1/dead-letters/replay` */
export const deadLettersReplayed = z
  .object({
    replayed: count,
    removed: count.describe('had ended since'),
    left: count.describe('no events of a bucket'),
    hasMore: z.boolean().describe('true: ask again'),
  })
  .meta({ id: 'DeadLettersReplayed' });

export type DeadLettersReplayed = z.infer<typeof deadLettersReplayed>;
