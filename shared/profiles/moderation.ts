import { z } from 'zod';
import { type AnswerOf, defineProfile } from './define.ts';
import { STANDARD_LADDER } from './standard-ladder.ts';

const severity = z.enum(['none', 'low', 'medium', 'high']);

/** Whether a picture may be shown, by category of policy. */
export const moderation = defineProfile({
  name: 'moderation',
  version: 1,
  prompt:
    'Judge the picture by each category of a content policy for a public web site. Judge only what can be seen or read in it.',
  schema: z.object({
    adult: severity.describe('nudity or sexual content'),
    violence: severity.describe('injury, weapons used against someone, cruelty'),
    hate: severity.describe('attacks on people for what they are, hate symbols'),
    selfHarm: severity,
    illegalGoods: severity.describe('drugs, weapons for sale, counterfeits'),
    personalData: severity.describe('readable documents, addresses, number plates, faces of children'),
    reason: z.string().max(300).describe('one sentence that names what was seen'),
    confidence: z.number().min(0).max(1),
  }),
  maxSide: 1536,
  // What is judged is large; neither codes nor small print decide.
  preparation: 'fast',
  ladder: STANDARD_LADDER,
  minConfidence: 0.5,
  cacheTtlHours: 24 * 7,
});

export type Moderation = AnswerOf<typeof moderation>;
