import { createHash } from 'node:crypto';
import { withoutComparators } from './field-comparators.ts';
import type { ProfileFile } from './profile-file.ts';

/** The file's content without what only people and editors read, as 16 hex characters: what is equal is one version. */
export const contentDigest = (file: ProfileFile): string => digestOf(withoutWords(file));

/** The same of the question alone, however fast it is answered: what has the same gets the same answers. */
export const questionDigest = ({
  lane: _lane,
  patience: _patience,
  reviewShare: _reviewShare,
  similar: _similar,
  compare: _compare,
  ...file
}: ProfileFile): string =>
  digestOf(withoutWords(file.fields ? { ...file, fields: withoutComparators(file.fields) } : file));

function withoutWords({
  $schema: _schema,
  description: _description,
  version: _version,
  ...file
}: ProfileFile): object {
  return file;
}

const digestOf = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
