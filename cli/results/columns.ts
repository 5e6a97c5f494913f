import { z } from 'zod';
import type { Profile } from '../../shared/profiles/define.ts';
import type { StoredResult } from '../../shared/results/reading.ts';

/** What is exported of one answered picture, beside its answer. */
export interface ExportedAnswer {
  id: string;
  url: string;
  profile: string;
  profileVersion: number;
  uploader: string | null;
  uploadedAt: string | null;
  model: string | null;
  partial: boolean;
  answer: Readonly<Record<string, unknown>>;
}

export function exported({ id, document }: StoredResult): ExportedAnswer {
  const { source, profile, profileVersion, model, partial, answer } = document;
  return {
    id,
    url: `gs://${source.bucket}/${source.name}`,
    profile,
    profileVersion,
    uploader: source.uploader,
    uploadedAt: source.uploadedAt?.toISOString() ?? null,
    model: model?.version ?? null,
    partial: partial ?? false,
    answer: answer ?? {},
  };
}

const FACTS = [
  'id',
  'url',
  'profile',
  'profileVersion',
  'uploader',
  'uploadedAt',
  'model',
  'partial',
] as const;

/** How answers become rows of a spreadsheet. */
export interface Sheet {
  head: string[];
  rows(result: ExportedAnswer): unknown[][];
}

interface JsonSchema {
  type?: string;
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
 * of that list and a column for each of its fields; a picture whose list is empty has one row. Without a profile the
 * answer is one column of JSON.
 */
export function sheetFor(profile: Profile | undefined, rowsOf: string | undefined): Sheet {
  if (!profile)
    return { head: [...FACTS, 'answer'], rows: (result) => [[...factsOf(result), result.answer]] };
  const fields = fieldsOf(profile);
  const plainFields = Object.keys(fields).filter((field) => field !== rowsOf);
  const entryFields = rowsOf === undefined ? [] : Object.keys(fields[rowsOf]?.items?.properties ?? {});
  return {
    head: [...FACTS, ...plainFields, ...entryFields.map((field) => `${rowsOf}.${field}`)],
    rows: (result) =>
      entriesOf(result, rowsOf).map((entry) => [
        ...factsOf(result),
        ...plainFields.map((field) => result.answer[field]),
        ...entryFields.map((field) => entry[field]),
      ]),
  };
}

const factsOf = (result: ExportedAnswer): unknown[] => FACTS.map((fact) => result[fact]);

function entriesOf({ answer }: ExportedAnswer, rowsOf: string | undefined): Record<string, unknown>[] {
  const list = rowsOf === undefined ? undefined : answer[rowsOf];
  return Array.isArray(list) && list.length > 0 ? (list as Record<string, unknown>[]) : [{}];
}
