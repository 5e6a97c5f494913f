import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { DECISION_MODEL } from '../../profiles/decision-step.ts';
import { type AskModel, type ModelRequest, referenceParts } from '../request.ts';
import { translateDisconnection, translateRefusal } from './failures.ts';
import { asciiJson, type HttpAnswer, jsonOf, postJson } from './http.ts';

/** A closed question: yes or no, one of several options, or a level of a scale. */
export type DecisionQuestion = { instructions: string } & (
  | { type: 'noul'; yes?: string; no?: string }
  /** What each option means, by its name; may be empty. */
  | { type: 'choice'; options: Readonly<Record<string, string>> }
  /** What each level means, from 0 on. */
  | { type: 'score'; levels: readonly string[] }
);

export type DecisionQuestions = Readonly<Record<string, DecisionQuestion>>;

/** Sums of floats end a little beside 0 and 1. */
const SLIP = 1e-6;

const share = z
  .number()
  .min(-SLIP)
  .max(1 + SLIP)
  .transform((probability) => Math.min(1, Math.max(0, probability)));

const answer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('noul'), noul: share }),
  z.object({ type: z.literal('choice'), choice: z.string(), probabilities: z.record(z.string(), share) }),
  z.object({ type: z.literal('score'), probabilities: z.record(z.string(), share) }),
]);

export type DecisionAnswer = z.infer<typeof answer>;

/** Answers by name of the question, as the text of a reply has them. */
export const decisions = z.record(z.string(), answer);

/** What is odd about one field costs that field: an answer without a form is paid for all the same. */
const reply = z.object({
  answers: z.record(z.string(), z.unknown()).optional().catch(undefined),
  usage: z
    .object({ total_input_tokens: z.number().min(0) })
    .optional()
    .catch(undefined),
  prompt_feedback: z
    .object({ block_reason: z.string().catch('UNSPECIFIED') })
    .optional()
    .catch(undefined),
});

interface DecisionAccess {
  apiKey: string;
  /** Where the API is. */
  baseUrl: string;
}

/**
 * Preview: the shapes are those of the types of `@google/genai` 3.3.0 (`CreateDecisionRequest`), announced 2026-11-11;
 * no recorded answer was seen. The request's prompt is the questions as JSON, the reply's text their answers, so that
 * the guard of the models and the charges stand around it as around any call.
 */
export function createDecisions({ apiKey, baseUrl }: DecisionAccess): AskModel {
  const headers = { 'x-goog-api-key': apiKey.trim(), Accept: 'application/json' };
  return async (request, signal) => {
    signal.throwIfAborted();
    const data = 'uri' in request.image ? await request.image.read(signal) : request.image.base64;
    const url = new URL(`${baseUrl}/v1beta/decisions`);
    // The picture goes along as it is, without being escaped with the rest.
    const place = randomUUID();
    const [head = '', tail = ''] = asciiJson(bodyOf(request, place)).split(place);
    const found = await postJson(url, headers, [head, data, tail], signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : translateDisconnection(error, DECISION_MODEL);
    });
    if (found.status < 200 || found.status > 299) throw refused(found);
    const json = jsonOf(found.body);
    if (json === undefined) throw translateDisconnection(new SyntaxError('no JSON'), DECISION_MODEL);
    const { answers, usage, prompt_feedback: feedback } = reply.safeParse(json).data ?? {};
    const prompt = usage?.total_input_tokens;
    return {
      end: feedback
        ? { kind: 'blocked', reason: feedback.block_reason }
        : { kind: 'answer', text: JSON.stringify(readable(answers)) },
      modelVersion: DECISION_MODEL,
      usage: prompt === undefined ? null : { prompt, image: 0, cached: 0, thoughts: 0, output: 0 },
    };
  };
}

/** An answer of a form that is not known is none. */
const readable = (answers: Readonly<Record<string, unknown>> = {}): Record<string, DecisionAnswer> =>
  Object.fromEntries(
    Object.entries(answers).flatMap(([name, given]) => {
      const { data } = answer.safeParse(given);
      return data ? [[name, data]] : [];
    }),
  );

function bodyOf({ prompt, instructions, references, image, step }: ModelRequest, data: string): object {
  const resolution = step.mediaResolution.toLowerCase();
  const picture = (bytes: string, mimeType: string) => ({
    ...{ type: 'image', data: bytes, mime_type: mimeType, resolution },
  });
  const explained = referenceParts(references).map(({ text, inlineData }) =>
    inlineData ? picture(inlineData.data, inlineData.mimeType) : { type: 'text', text: text ?? '' },
  );
  return {
    model: DECISION_MODEL,
    input: [
      ...(instructions === '' ? [] : [{ type: 'text', text: instructions }]),
      ...explained,
      picture(data, image.mimeType),
    ],
    questions: Object.fromEntries(
      Object.entries(JSON.parse(prompt) as DecisionQuestions).map(([name, question]) => [
        name,
        asSent(question),
      ]),
    ),
  };
}

function asSent(question: DecisionQuestion): object {
  const { type, instructions } = question;
  switch (question.type) {
    case 'choice':
      return { type, instructions, criteria: question.options };
    case 'score':
      return { type, instructions, criteria: question.levels };
    case 'noul': {
      const { yes, no } = question;
      const isSaid = yes !== undefined && no !== undefined;
      return {
        ...{ type, instructions },
        ...(isSaid ? { criteria: { true_description: yes, false_description: no } } : {}),
      };
    }
  }
}

/** A key that may not ask the preview may ask the others: the model is left alone, and not the pipeline. */
function refused(answer: HttpAnswer): PipelineError {
  const failure = translateRefusal(answer, DECISION_MODEL);
  if (failure.code !== 'MODEL_CREDENTIALS') return failure;
  const { message, facts, cause } = failure;
  return new PipelineError('MODEL_NOT_FOUND', message, { facts, cause });
}
