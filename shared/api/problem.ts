import { z } from 'zod';
import { accepted } from './answers.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** What is answered instead of the wanted thing: RFC 9457 with a code for programs and a hint for people. */
export const problem = z
  .object({
    /** `urn:problem:` and the code in lower case. */
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('one sentence: what is wrong with this request'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    hint: z.string().describe('one sentence: what to do next'),
    images: z.array(accepted).exactOptional().describe('files before the refused one, which are accepted'),
    resultStatus: z.literal('not_found').exactOptional(),
  })
  .meta({ id: 'Problem' });

export type ProblemView = z.infer<typeof problem>;
