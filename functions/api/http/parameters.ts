import type { Request } from 'express';
import type { z } from 'zod';
import { cutText } from '../../../shared/base/text.ts';
import { Problem } from '../problem.ts';

const MAX_DETAIL = 500;

/** Checks what came from outside; throws INVALID_REQUEST with every issue by name. */
export function checked<S extends z.ZodType>(schema: S, value: unknown, hint: string): z.infer<S> {
  const parsed = schema.safeParse(value, { error: sentenceOf });
  if (parsed.success) return parsed.data;
  throw new Problem('INVALID_REQUEST', sentencesOf(parsed.error), hint);
}

/** Where zod's own words are for programmers; undefined keeps them. */
const sentenceOf: z.core.$ZodErrorMap = ({ code, expected, input }) => {
  if (code !== 'invalid_type') return undefined;
  if (input === undefined) return 'it is missing';
  return expected === 'string' && Array.isArray(input) ? 'it is there more than once' : undefined;
};

export const sentencesOf = (error: z.ZodError): string =>
  `${cutText(
    error.issues
      .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
      .join('; '),
    MAX_DETAIL,
  )}.`;

export const queryOf = <S extends z.ZodObject>(request: Request, schema: S): z.infer<S> =>
  checked(
    schema,
    request.query,
    `Parameters are ${Object.keys(schema.shape).join(', ')}; each at most once.`,
  );
