import { z } from 'zod';
import { invalidArgument } from './errors.ts';

/**
 * Requests of the Decisions API as the types of `@google/genai` 3.3.0 have them (`CreateDecisionRequest`): unknown fields
 * are refused, and so are sound, video and documents, which nothing here can read.
 */
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  annotations: z.array(z.unknown()).optional(),
});

const image = z.strictObject({
  type: z.literal('image'),
  data: z.string().min(1).optional(),
  uri: z.string().min(1).optional(),
  mime_type: z.string().optional(),
  resolution: z.enum(['low', 'medium', 'high', 'ultra_high']).optional(),
});

const content = z.discriminatedUnion('type', [text, image]);

const instructions = z.union([z.string().min(1), text, z.array(text).min(1)]);

const MAX_OPTIONS = 255;
const MAX_QUESTIONS = 1_000;

/** "Option IDs must be non-empty with no control characters or leading/trailing whitespace." */
const isOptionId = (id: string): boolean => id !== '' && id === id.trim() && !/\p{Cc}/u.test(id);

const options = z.record(z.string(), z.string()).superRefine((all, context) => {
  const ids = Object.keys(all);
  if (ids.length < 2 || ids.length > MAX_OPTIONS)
    context.addIssue(`a choice has 2 to ${MAX_OPTIONS} options, not ${ids.length}`);
  const wrong = ids.find((id) => !isOptionId(id));
  if (wrong !== undefined) context.addIssue(`${JSON.stringify(wrong)} is no option id`);
});

const question = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('noul'),
    instructions,
    criteria: z
      .strictObject({ true_description: z.string().optional(), false_description: z.string().optional() })
      .optional(),
  }),
  z.strictObject({ type: z.literal('choice'), instructions, criteria: options }),
  z.strictObject({
    type: z.literal('score'),
    instructions,
    criteria: z.array(z.string().min(1)).min(2).max(MAX_OPTIONS),
  }),
]);

const request = z.strictObject({
  model: z.string().regex(/^(models\/)?gemini-decision-1$/),
  input: z.union([z.string().min(1), content, z.array(content).min(1)]),
  questions: z.record(z.string(), question).superRefine((all, context) => {
    const count = Object.keys(all).length;
    if (count < 1 || count > MAX_QUESTIONS)
      context.addIssue(`a request has 1 to ${MAX_QUESTIONS} questions, not ${count}`);
  }),
});

export type DecisionRequest = z.infer<typeof request>;
export type Question = z.infer<typeof question>;

/** @throws GeminiError 400 for what the types do not have. */
export function parseDecision(body: unknown): DecisionRequest {
  const parsed = request.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidArgument(`Invalid request: ${z.prettifyError(parsed.error)}`);
}
