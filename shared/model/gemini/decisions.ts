import { z } from 'zod';
import type { AskModel, ModelRequest } from '../request.ts';
import { type DeveloperApiOptions, GOOGLE_API } from './developer-api.ts';
import { translateDisconnection, translateRefusal } from './failures.ts';
import { asciiJson, jsonOf, postJson } from './http.ts';

/** Answers closed questions with calibrated probabilities, for input tokens alone; the Gemini API has it, Vertex AI not. */
export const DECISION_MODEL = 'gemini-decision-1';

/** A yes-or-no question about a picture, by a name of its own. */
export type DecisionQuestions = Readonly<Record<string, { instructions: string; yes?: string; no?: string }>>;

/** Probability of yes, by name of the question: 0.01 to 0.99. */
export const decisions = z.record(z.string(), z.number().min(0).max(1));

const reply = z.object({
  answers: z.record(z.string(), z.object({ noul: z.number().min(0).max(1) })).optional(),
  usage: z.object({ total_input_tokens: z.number().min(0) }).optional(),
  prompt_feedback: z.object({ block_reason: z.string().default('UNSPECIFIED') }).optional(),
});

/**
 * Preview: the shapes are those of the types of `@google/genai` 3.3.0 (`DecisionsCreateParams`), announced 2026-11-11;
 * no recorded answer was seen. The request's prompt is the questions as JSON, the reply's text their probabilities, so
 * that the guard of the models and the charges stand around it as around any call.
 */
export function createDecisions({ apiKey, baseUrl = GOOGLE_API }: DeveloperApiOptions): AskModel {
  const headers = { 'x-goog-api-key': apiKey.trim(), Accept: 'application/json' };
  return async (request, signal) => {
    signal.throwIfAborted();
    const data = 'uri' in request.image ? await request.image.read(signal) : request.image.base64;
    const url = new URL(`${baseUrl}/v1beta/decisions`);
    const answer = await postJson(url, headers, [asciiJson(bodyOf(request, data))], signal).catch(
      (error: unknown) => {
        throw signal.aborted ? signal.reason : translateDisconnection(error, DECISION_MODEL);
      },
    );
    if (answer.status < 200 || answer.status > 299) throw translateRefusal(answer, DECISION_MODEL);
    const { answers, usage, prompt_feedback: feedback } = reply.safeParse(jsonOf(answer.body)).data ?? {};
    const prompt = usage?.total_input_tokens;
    const probabilities = Object.entries(answers ?? {}).map(([name, { noul }]) => [name, noul]);
    return {
      end: feedback
        ? { kind: 'blocked', reason: feedback.block_reason }
        : { kind: 'answer', text: JSON.stringify(Object.fromEntries(probabilities)) },
      modelVersion: DECISION_MODEL,
      usage: prompt === undefined ? null : { prompt, image: 0, cached: 0, thoughts: 0, output: 0 },
    };
  };
}

function bodyOf({ prompt, image, step }: ModelRequest, data: string): object {
  const questions = JSON.parse(prompt) as DecisionQuestions;
  return {
    model: DECISION_MODEL,
    input: [
      { type: 'image', data, mime_type: image.mimeType, resolution: step.mediaResolution.toLowerCase() },
    ],
    questions: Object.fromEntries(
      Object.entries(questions).map(([name, { instructions, yes, no }]) => [
        name,
        {
          type: 'noul',
          instructions,
          ...(yes === undefined || no === undefined
            ? {}
            : { criteria: { true_description: yes, false_description: no } }),
        },
      ]),
    ),
  };
}
