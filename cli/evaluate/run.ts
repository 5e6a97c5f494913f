import { createHash } from 'node:crypto';
import type { Ending, Outcome } from '../../evaluation/outcomes.ts';
import type { Variant } from '../../evaluation/variants.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { LabeledPicture } from '../labels/labeled.ts';
import type { Journal, KeptOutcome } from './journal.ts';
import { type Asking, askQuestion, type PreparedPicture, questionKey } from './question.ts';

/** One question that the run is to have an answer to. */
export interface Question {
  label: LabeledPicture;
  variant: Variant;
  repeat: number;
  key: string;
}

/** Makes the picture of a label ready for one side, as resize-image does. */
export type Prepare = (picture: Buffer, maxSide: number, signal: AbortSignal) => Promise<PreparedPicture>;

/** Every question: a label's stand together, so that its picture is prepared once a side. */
export async function questionsOf(
  labels: readonly LabeledPicture[],
  variants: readonly Variant[],
  repeats: number,
  asking: Pick<Asking, 'profile' | 'prompt'>,
  signal: AbortSignal,
): Promise<Question[]> {
  const bySide = variants.toSorted((a, b) => a.maxSide - b.maxSide);
  const questions: Question[] = [];
  for (const label of labels) {
    signal.throwIfAborted();
    const sha256 = createHash('sha256')
      .update(await label.read(signal))
      .digest('hex');
    for (const variant of bySide)
      for (let repeat = 0; repeat < repeats; repeat += 1)
        questions.push({ label, variant, repeat, key: questionKey(asking, variant, sha256, repeat) });
  }
  return questions;
}

interface RunDependencies {
  asking: Asking;
  journal: Journal;
  prepare: Prepare;
  concurrency: number;
  /** Called after each question that was asked. */
  onOutcome(outcome: KeptOutcome): void;
}

/** What was answered already, by this run's question. */
export const outcomesIn = (journal: Journal, questions: readonly Question[]): Outcome[] =>
  questions.flatMap(({ key, label, variant, repeat }) => {
    const kept = journal.outcome(key);
    if (!kept) return [];
    const { key: _key, isFinal: _isFinal, ...outcome } = kept;
    return [{ ...outcome, label: label.name, variant: variant.id, repeat }];
  });

export const openQuestions = (journal: Journal, questions: readonly Question[]): Question[] =>
  questions.filter(({ key }) => journal.outcome(key)?.isFinal !== true);

/**
 * Asks every question, some at once, each outcome kept as soon as it is known. Throws the failure that ends a run, such
 * as a budget that is used up, after the questions under way have ended.
 */
export async function askAll(
  questions: readonly Question[],
  deps: RunDependencies,
  signal: AbortSignal,
): Promise<void> {
  const pictures = new SharedPictures(questions, deps.prepare);
  let next = 0;
  let stopped: { why: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < questions.length && !stopped; i = next++) {
      const question = questions[i];
      if (!question) return;
      try {
        signal.throwIfAborted();
        const outcome = await answer(question, deps, pictures, signal);
        deps.journal.keep(outcome);
        deps.onOutcome(outcome);
      } catch (error) {
        stopped ??= { why: error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, deps.concurrency) }, lane));
  if (stopped) throw stopped.why;
}

async function answer(
  { key, label, variant }: Question,
  { asking }: RunDependencies,
  pictures: SharedPictures,
  signal: AbortSignal,
): Promise<KeptOutcome> {
  let picture: PreparedPicture;
  try {
    picture = await pictures.take(label, variant.maxSide, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipelineError)) throw error;
    // A picture that the pipeline refuses is one that no variant answers.
    const ending: Ending = { kind: 'failed', code: error.code, message: error.message };
    return { key, isFinal: true, ending, tokens: null, costUsd: 0, latencyMs: 0, calls: 0 };
  }
  return askQuestion(asking, variant, key, picture, signal);
}

/** Prepared pictures while questions about them are open; memory holds no others. */
class SharedPictures {
  readonly #prepare: Prepare;
  readonly #left = new Map<string, number>();
  readonly #pictures = new Map<string, Promise<PreparedPicture>>();

  constructor(questions: readonly Question[], prepare: Prepare) {
    this.#prepare = prepare;
    for (const { label, variant } of questions) {
      const key = nameOf(label, variant.maxSide);
      this.#left.set(key, (this.#left.get(key) ?? 0) + 1);
    }
  }

  take(label: LabeledPicture, maxSide: number, signal: AbortSignal): Promise<PreparedPicture> {
    const key = nameOf(label, maxSide);
    const picture =
      this.#pictures.get(key) ?? label.read(signal).then((bytes) => this.#prepare(bytes, maxSide, signal));
    const left = (this.#left.get(key) ?? 1) - 1;
    this.#left.set(key, left);
    if (left > 0) this.#pictures.set(key, picture);
    else this.#pictures.delete(key);
    return picture;
  }
}

const nameOf = (label: LabeledPicture, maxSide: number): string => `${maxSide} ${label.name}`;
