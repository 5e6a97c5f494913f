import type { Lane } from '../shared/prices/lanes.ts';
import type { TokenUsage } from '../shared/prices/price-list.ts';
import type { Evidence, ModelUse } from '../shared/results/document.ts';
import { type AnswerForm, type Cell, cellsOf, errorsIn } from './cells.ts';

/** What is known to be right about a picture. */
export interface Label {
  /** The same in every run: the picture's path, or the id of the result it came from. */
  name: string;
  /** Values by field; fields that are left out are not compared. */
  answer: Readonly<Record<string, unknown>>;
}

/** How one question about one picture ended, its repair round included. */
export type Ending =
  | {
      kind: 'answered';
      answer: Record<string, unknown>;
      /** Saved from a reply that was cut off. */
      partial: boolean;
      /** 0 to 1, as the model says; null where the profile does not ask for it. */
      confidence: number | null;
      /** How likely each field is right, by path, where the model says so. */
      probabilities?: Readonly<Record<string, number>> | undefined;
      checks: ModelUse['checks'];
      /** Where values were read, of a profile with evidence. */
      evidence?: readonly Evidence[] | undefined;
      /** The model that answered. */
      version: string;
      served: Lane;
    }
  /** `code`: a failure code of the pipeline. */
  | { kind: 'failed'; code: string; message: string };

/** One question that was asked: a variant, a label, one of the repeats. */
export interface Outcome {
  variant: string;
  label: string;
  /** Counted from 0. */
  repeat: number;
  ending: Ending;
  /** Of all calls; null when no reply said. */
  tokens: TokenUsage | null;
  /** US dollars of all calls that are known to be billed. */
  costUsd: number;
  /** What of the tokens and of the cost is for the places of the values; absent where they are not asked for. */
  evidence?: { prompt: number; output: number; usd: number };
  /** Time of the calls, without waiting for a place among others. Milliseconds. */
  latencyMs: number;
  calls: number;
}

/** An outcome held against its label. */
export interface Scored extends Outcome {
  cells: readonly Cell[];
  /** F1 of its cells, a rightly empty one being right; 0 without an answer. */
  score: number;
  /** Every cell is right. */
  isExact: boolean;
}

/** A document without an answer has every cell missed and a score of 0: it is never left out. */
export function scored(outcome: Outcome, label: Label, form: AnswerForm): Scored {
  const answer = outcome.ending.kind === 'answered' ? outcome.ending.answer : undefined;
  const compared = cellsOf(form, label.answer, answer);
  const cells = answer
    ? compared
    : compared.map((cell): Cell => ({ ...cell, verdict: 'missed', exact: false }));
  return {
    ...outcome,
    cells,
    score: answer ? scoreOf(cells) : 0,
    isExact: answer !== undefined && errorsIn(cells) === 0,
  };
}

/** 2 TP / (2 TP + FP + FN); 1 where there is nothing to be right or wrong about. */
function scoreOf(cells: readonly Cell[]): number {
  const right = cells.filter(({ verdict }) => verdict === 'right' || verdict === 'empty').length;
  const errors = errorsIn(cells);
  return right + errors === 0 ? 1 : (2 * right) / (2 * right + errors);
}
