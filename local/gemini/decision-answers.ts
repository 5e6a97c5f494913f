import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Question } from './decision-request.ts';

/**
 * What a script says of one question: how likely yes, or the first option, is; or which answer is given, and how sure:
 * `{ adult: 'none', damaged: 0.2, kind: { answer: 'shoe', probability: 0.4 } }`.
 */
const scripted = z.record(
  z.string(),
  z.union([
    z.number(),
    z.string(),
    z.strictObject({ answer: z.string(), probability: z.number().min(0).max(1) }),
  ]),
);

/** How sure an answer is that no script is for. */
const SURE = 0.97;
/** A no that is not sure: a gate without a script lets every picture through. */
const UNSURE_NO = 0.35;

/** The answers to all questions: as the script says, else the same for the same picture every time. */
export function answersTo(
  questions: Readonly<Record<string, Question>>,
  script: unknown,
  pictures: readonly { bytes: Buffer }[],
): Record<string, object> {
  const says = scripted.safeParse(script).data ?? {};
  const picture = createHash('sha256');
  for (const { bytes } of pictures) picture.update(bytes);
  const seed = picture.digest('hex');
  return Object.fromEntries(
    Object.entries(questions).map(([name, question]) => {
      const draw = createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE(0);
      return [name, answerOf(question, Object.hasOwn(says, name) ? says[name] : undefined, draw)];
    }),
  );
}

type Said = z.infer<typeof scripted>[string] | undefined;

function answerOf(question: Question, said: Said, draw: number): object {
  if (question.type === 'noul') {
    const yes = typeof said === 'number' ? said : draw % 2 === 0 ? SURE : UNSURE_NO;
    return { type: 'noul', noul: yes, confidence: Math.max(yes, 1 - yes) };
  }
  const { criteria } = question;
  const ids = Array.isArray(criteria) ? criteria.map((_, level) => String(level)) : Object.keys(criteria);
  const { answer, probability } = chosen(said, ids, draw);
  const rest = (1 - probability) / (ids.length - 1);
  // A script may choose what is no option.
  const all = answer === undefined ? ids : [...new Set([...ids, answer])];
  const probabilities = Object.fromEntries(all.map((id) => [id, id === answer ? probability : rest]));
  const winner = Object.entries(probabilities).reduce((best, one) => (one[1] > best[1] ? one : best));
  const confidence = winner[1];
  if (question.type === 'choice') return { type: 'choice', choice: winner[0], probabilities, confidence };
  const score = Object.entries(probabilities).reduce((sum, [level, share]) => sum + Number(level) * share, 0);
  return { type: 'score', score, probabilities, legend: { ...question.criteria }, confidence };
}

function chosen(
  said: Said,
  ids: readonly string[],
  draw: number,
): { answer: string | undefined; probability: number } {
  if (typeof said === 'number') return { answer: ids[0], probability: said };
  if (typeof said === 'string') return { answer: said, probability: SURE };
  return said ?? { answer: ids[draw % ids.length], probability: SURE };
}
