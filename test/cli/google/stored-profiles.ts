import { readProfileText } from '../../../shared/profiles/file/read-profile.ts';
import { candidateOf } from '../../../shared/profiles/store/candidate.ts';
import type { NamedPicture } from '../../../shared/profiles/store/profile-documents.ts';
import { DATABASE } from './addresses.ts';
import type { Change } from './examine.ts';

/** Where Firestore's REST API shows a document. */
export const documentAt = (path: string): string =>
  `GET firestore.googleapis.com/v1/${DATABASE}/documents/${path}`;

/** A version that pictures are asked by. */
export interface ActiveVersion {
  version: number;
  text: string;
  pictures?: Readonly<Record<string, Buffer>>;
}

/** Stores these versions as a push does, and makes them active. */
export const asking =
  (profiles: Readonly<Record<string, ActiveVersion>>): Change =>
  (answers) => {
    const put = (path: string, data: Record<string, unknown>) =>
      answers.set(documentAt(path), {
        status: 200,
        body: { name: `${DATABASE}/documents/${path}`, ...(restValue(data)['mapValue'] as object) },
      });
    const active: Record<string, unknown> = {};
    const author = { at: new Date('2026-11-19T08:00:00Z'), by: null };
    for (const [name, { version, text, pictures = {} }] of Object.entries(profiles)) {
      const read = readProfileText(name, text);
      if ('problems' in read) throw new Error(read.problems.map((one) => one.text).join('; '));
      const candidate = candidateOf(name, text, read, (file) => pictures[file]);
      if (!candidate) throw new Error('A reference picture is missing.');
      const { digest, content } = candidate;
      active[name] = { version, digest };
      put(`profiles/${name}/versions/${version}`, {
        ...{ text, digest, content: JSON.stringify(content), ...author },
        pictures: candidate.pictures.map(({ file, sha256 }) => ({ file, sha256 })),
      });
      for (const { sha256, bytes } of candidate.pictures as NamedPicture[])
        put(`profiles/${name}/pictures/${sha256}`, { bytes });
    }
    put('profiles/_active', { active, updatedAt: author.at });
  };

/** As the REST API writes a value (https://cloud.google.com/firestore/docs/reference/rest/v1/Value). */
function restValue(value: unknown): Record<string, unknown> {
  if (value === null) return { nullValue: null };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { integerValue: String(value) };
  if (value instanceof Date) return { timestampValue: value.toISOString() };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: value.length === 0 ? {} : { values: value.map(restValue) } };
  const fields = Object.entries(value as object).map(([name, one]) => [name, restValue(one)]);
  return { mapValue: { fields: Object.fromEntries(fields) } };
}
