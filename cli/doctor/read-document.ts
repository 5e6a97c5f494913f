import { z } from 'zod';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { RESTART } from './finding.ts';
import type { GoogleApi, Looked } from './google-api.ts';
import type { Names } from './names.ts';

/** Looks at a document of the pipeline's database by its path; times are Dates, bytes are Buffers. */
export type ReadDocument = (path: string) => Promise<Looked<Record<string, unknown>>>;

/** Of the local cloud, by the client that every command has. */
export const readingBy =
  (documents: Pick<Documents, 'get'>): ReadDocument =>
  async (path) => {
    try {
      const stored = await documents.get(path);
      return stored ? { state: 'found', value: stored.data } : { state: 'missing' };
    } catch (failure) {
      if (!(failure instanceof PipelineError)) throw failure;
      return { state: 'unseen', why: failure.message, fix: RESTART };
    }
  };

/** As Firestore's REST API shows it (https://cloud.google.com/firestore/docs/reference/rest/v1/Value). */
const documentShape = z.looseObject({
  fields: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

type Fields = z.infer<typeof documentShape>['fields'];

/** Of a deployment. */
export const readingFrom =
  (api: GoogleApi, { databasePath }: Names): ReadDocument =>
  async (path) => {
    const looked = await api.get(
      `https://firestore.googleapis.com/v1/${databasePath}/documents/${path}`,
      documentShape,
    );
    return looked.state === 'found' ? { state: 'found', value: dataOf(looked.value.fields) } : looked;
  };

const dataOf = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, meant(value)]));

function meant(value: Fields[string]): unknown {
  const [[kind, held] = []] = Object.entries(value);
  switch (kind) {
    case 'integerValue':
      return Number(held);
    case 'timestampValue':
      return new Date(String(held));
    case 'bytesValue':
      return Buffer.from(String(held), 'base64');
    case 'arrayValue':
      return ((held as { values?: Fields[string][] }).values ?? []).map(meant);
    case 'mapValue':
      return dataOf((held as { fields?: Fields }).fields ?? {});
    case 'nullValue':
      return null;
    default:
      return held;
  }
}
