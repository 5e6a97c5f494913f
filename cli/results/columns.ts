import type { Profile } from '../../shared/profiles/define.ts';
import type { AnswerField, ValueType } from '../../shared/profiles/schema/answer-fields.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import type { Evidence } from '../../shared/results/document.ts';
import type { StoredResult } from '../../shared/results/reading.ts';
import { isJudged } from '../../shared/results/view.ts';

/** What is exported of one answered picture, beside its answer. Times are ISO 8601, costs US dollars. */
export interface ExportedAnswer {
  id: string;
  url: string;
  profile: string;
  profileVersion: number;
  uploader: string | null;
  uploadedAt: string | null;
  createdAt: string;
  model: string | null;
  /** 0 to 1, as the model says of itself. */
  modelConfidence: number | null;
  /** How likely each field is right, by path; null: the answer was written, not decided. */
  modelProbabilities: Readonly<Record<string, number>> | null;
  /** Where in the prepared picture values were read; null: the profile does not ask for it. */
  modelEvidence: readonly Evidence[] | null;
  costUsd: number | null;
  partial: boolean;
  /** What a person said of this answer; null: nobody has, or only of one before it. */
  review: 'right' | 'wrong' | 'corrected' | null;
  reviewedBy: string | null;
  reviewedAt: string | null;
  reviewNote: string | null;
  /** The fields that were wrong, as they should be. */
  corrections: Readonly<Record<string, unknown>> | null;
  answer: Readonly<Record<string, unknown>>;
}

export function exported({ id, document }: StoredResult): ExportedAnswer {
  const { source, profile, profileVersion, model, cost, partial, answer, createdAt } = document;
  const review = isJudged(document) ? document.feedback : undefined;
  return {
    id,
    url: `gs://${source.bucket}/${source.name}`,
    profile,
    profileVersion,
    uploader: source.uploader,
    uploadedAt: source.uploadedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    model: model?.version ?? null,
    modelConfidence: model?.confidence ?? null,
    modelProbabilities: model?.probabilities ?? null,
    modelEvidence: model?.evidence ?? null,
    costUsd: cost?.usd ?? null,
    partial: partial ?? false,
    review: review?.verdict ?? null,
    reviewedBy: review?.by ?? null,
    reviewedAt: review?.at.toISOString() ?? null,
    reviewNote: review?.note ?? null,
    corrections: review?.fields ?? null,
    answer: answer ?? {},
  };
}

/** What the values of a column are; `json` is whatever has parts. */
export type ColumnType = ValueType | 'time';

export interface Column {
  name: string;
  type: ColumnType;
}

const FACTS: Readonly<Record<Exclude<keyof ExportedAnswer, 'answer'>, ColumnType>> = {
  id: 'text',
  url: 'text',
  profile: 'text',
  profileVersion: 'integer',
  uploader: 'text',
  uploadedAt: 'time',
  createdAt: 'time',
  model: 'text',
  modelConfidence: 'number',
  modelProbabilities: 'json',
  modelEvidence: 'json',
  costUsd: 'number',
  partial: 'boolean',
  review: 'text',
  reviewedBy: 'text',
  reviewedAt: 'time',
  reviewNote: 'text',
  corrections: 'json',
};
const FACT_NAMES = Object.keys(FACTS) as (keyof typeof FACTS)[];

/** How answers become rows of a table. */
export interface Sheet {
  columns: Column[];
  rows(result: ExportedAnswer): unknown[][];
}

const fieldsOf = (profile: Profile): readonly AnswerField[] => compileZod(profile.schema).fields;

/** The lists of a profile's answer whose entries have fields of their own. */
export const listsOf = (profile: Profile): string[] =>
  fieldsOf(profile).flatMap(({ name, entries }) => (entries ? [name] : []));

/**
 * With a profile: a column for each field of its answer. With `rowsOf`, the name of a list in it, a row for each entry
 * of that list and a column for each of its fields; a picture whose list is empty has none. Without a profile the
 * answer is one column of JSON.
 */
export function sheetFor(profile: Profile | undefined, rowsOf: string | undefined): Sheet {
  const facts = FACT_NAMES.map((name) => ({ name, type: FACTS[name] }));
  if (!profile) {
    return {
      columns: [...facts, { name: 'answer', type: 'json' }],
      rows: (result) => [[...factsOf(result), result.answer]],
    };
  }
  const fields = fieldsOf(profile);
  const plainFields = fields.filter(({ name }) => name !== rowsOf);
  const entryFields = fields.find(({ name }) => name === rowsOf)?.entries ?? [];
  return {
    columns: [
      ...facts,
      ...plainFields.map(({ name, type }) => ({ name, type })),
      ...entryFields.map(({ name, type }) => ({ name: `${rowsOf}.${name}`, type })),
    ],
    rows: (result) =>
      entriesOf(result, rowsOf).map((entry) => [
        ...factsOf(result),
        ...plainFields.map(({ name }) => result.answer[name]),
        ...entryFields.map(({ name }) => entry[name]),
      ]),
  };
}

const factsOf = (result: ExportedAnswer): unknown[] => FACT_NAMES.map((fact) => result[fact]);

function entriesOf({ answer }: ExportedAnswer, rowsOf: string | undefined): Record<string, unknown>[] {
  if (rowsOf === undefined) return [{}];
  const list = answer[rowsOf];
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}
