import { z } from 'zod';
import { GeminiError, invalidArgument, modelNotFound } from './errors.ts';
import { isHttpFault } from './fault-names.ts';
import { httpFault } from './http-faults.ts';
import { readMedia } from './images.ts';
import type { ModelFacts } from './models.ts';
import { json, type Sent } from './send.ts';
import type { Simulation } from './simulation.ts';
import { countPrompt, usageMetadata } from './usage.ts';

const MODEL = 'gemini-decision-1';

const criteria = z.record(z.string(), z.string());

/** As the types of `@google/genai` 3.3.0 have it; unknown fields are refused. */
const request = z.strictObject({
  model: z.string().regex(/^(models\/)?gemini-decision-1$/),
  input: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('image'),
          data: z.string().min(1),
          mime_type: z.string(),
          resolution: z.enum(['low', 'medium', 'high', 'ultra_high']).optional(),
        }),
        z.strictObject({ type: z.literal('text'), text: z.string() }),
      ]),
    )
    .min(1),
  questions: z
    .record(
      z.string(),
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('noul'),
          instructions: z.string().min(1),
          criteria: z
            .strictObject({ true_description: z.string(), false_description: z.string() })
            .optional(),
        }),
        z.strictObject({ type: z.literal('choice'), instructions: z.string().min(1), criteria }),
        z.strictObject({
          type: z.literal('score'),
          instructions: z.string().min(1),
          criteria: z.array(z.string()).min(2).max(255),
        }),
      ]),
    )
    .refine((all) => Object.keys(all).length >= 1 && Object.keys(all).length <= 1000),
});

type Question = z.infer<typeof request>['questions'][string];

/** How pictures and words are counted; not published for this model. */
const FACTS: ModelFacts = {
  displayName: 'Gemini Decision 1',
  inputTokenLimit: 262_144,
  outputTokenLimit: 1,
  thinkingLevels: [],
  defaultThinkingLevel: 'minimal',
  imageTokens: 'budget',
};

/** Yes, unless a script says otherwise: `{ model: 'gemini-decision-1', json: { q1: 0.02 } }`. */
const SURE = 0.97;

/** `POST /v1beta/decisions` */
export async function decide(
  sim: Simulation,
  call: { json: unknown; version: string; signal: AbortSignal },
): Promise<Sent> {
  if (call.version !== 'v1beta') throw modelNotFound(MODEL, call.version, 'decisions');
  const parsed = request.safeParse(call.json);
  if (!parsed.success) throw invalidArgument(`Invalid request: ${z.prettifyError(parsed.error)}`);
  const { outcome } = sim.planner.plan(MODEL, sim.now(), 'standard');
  if (outcome.kind === 'fault') {
    if (isHttpFault(outcome.fault)) throw httpFault(outcome.fault, MODEL, outcome.retryDelaySeconds);
    throw new GeminiError(500, 'INTERNAL', 'Internal error encountered.');
  }
  const { input, questions } = parsed.data;
  const parts = input.map((one) =>
    one.type === 'text'
      ? { text: one.text }
      : {
          inlineData: { mimeType: one.mime_type, data: one.data },
          mediaResolution: { level: `MEDIA_RESOLUTION_${(one.resolution ?? 'high').toUpperCase()}` as never },
        },
  );
  const asked = { contents: [{ role: 'user', parts: [...parts, { text: JSON.stringify(questions) }] }] };
  const prompt = countPrompt(asked, await readMedia(asked, undefined, call.signal), FACTS);
  sim.ledger.add(MODEL, usageMetadata(prompt, 0, 0), 'standard');
  const scripted = outcome.kind === 'text' ? (JSON.parse(outcome.text) as Record<string, number>) : {};
  const answers = Object.entries(questions).map(([name, question]) => [
    name,
    answerOf(question, scripted[name] ?? SURE),
  ]);
  return json(
    200,
    { answers: Object.fromEntries(answers), usage: { total_input_tokens: prompt.total } },
    'decided',
  );
}

function answerOf(question: Question, yes: number): object {
  if (question.type === 'noul') return { type: 'noul', noul: yes, confidence: Math.max(yes, 1 - yes) };
  const names =
    question.type === 'choice' ? Object.keys(question.criteria) : question.criteria.map((_, i) => String(i));
  const rest = names.length > 1 ? (1 - yes) / (names.length - 1) : 0;
  const probabilities = Object.fromEntries(names.map((name, i) => [name, i === 0 ? yes : rest]));
  return question.type === 'choice'
    ? { type: 'choice', choice: names[0], probabilities, confidence: yes }
    : { type: 'score', score: 0, probabilities, legend: { ...question.criteria }, confidence: yes };
}
