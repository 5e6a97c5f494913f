import { z } from 'zod';
import type { Profile } from '../../shared/profiles/define.ts';
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
export type ColumnType = 'text' | 'number' | 'integer' | 'boolean' | 'time' | 'json';

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

interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
}

const fieldsOf = (profile: Profile): Record<string, JsonSchema> =>
  (z.toJSONSchema(profile.schema) as JsonSchema).properties ?? {};

/** The lists of a profile's answer whose entries have fields of their own. */
export const listsOf = (profile: Profile): string[] =>
  Object.entries(fieldsOf(profile)).flatMap(([field, { items }]) => (items?.properties ? [field] : []));

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
  const plainFields = Object.keys(fields).filter((field) => field !== rowsOf);
  const entryFields = rowsOf === undefined ? {} : (fields[rowsOf]?.items?.properties ?? {});
  return {
    columns: [
      ...facts,
      ...plainFields.map((name) => ({ name, type: typeOf(fields[name]) })),
      ...Object.entries(entryFields).map(([name, schema]) => ({
        name: `${rowsOf}.${name}`,
        type: typeOf(schema),
      })),
    ],
    rows: (result) =>
      entriesOf(result, rowsOf).map((entry) => [
        ...factsOf(result),
        ...plainFields.map((field) => result.answer[field]),
        ...Object.keys(entryFields).map((field) => entry[field]),
      ]),
  };
}

const factsOf = (result: ExportedAnswer): unknown[] => FACT_NAMES.map((fact) => result[fact]);

function entriesOf({ answer }: ExportedAnswer, rowsOf: string | undefined): Record<string, unknown>[] {
  if (rowsOf === undefined) return [{}];
  const list = answer[rowsOf];
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}

/** A type that may be null as well is that type. */
function typeOf({ type, anyOf = [] }: JsonSchema = {}): ColumnType {
  const [only, ...others] = anyOf.filter((one) => one.type !== 'null');
  if (only) return others.length === 0 ? typeOf(only) : 'json';
  switch (type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return type;
    default:
      return 'json';
  }
}
