import { z } from 'zod';
import { fileOutcome } from './answers.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';
import { fileProblems } from './profile-views.ts';

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
    images: z.array(fileOutcome).exactOptional().describe('what became of each file, where it is known'),
    problems: fileProblems
      .exactOptional()
      .describe('everything that is wrong with a profile, with its place'),
    resultStatus: z.literal('not_found').exactOptional(),
  })
  .meta({ id: 'Problem' });

export type ProblemView = z.infer<typeof problem>;
