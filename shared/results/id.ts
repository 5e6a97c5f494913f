import { createHash } from 'node:crypto';
import type { ObjectRef } from '../cloud/storage/object.ts';

/**
 * Id of an object's result document: 32 hex characters that depend on bucket and name alone,
 * so it is known before the upload and is the same for every generation.
 */
export const resultId = (object: Pick<ObjectRef, 'bucket' | 'name'>): string =>
  createHash('sha256').update(`${object.bucket}/${object.name}`).digest('hex').slice(0, 32);

/** Where the result document of an id lies. */
export const documentPath = (id: string): string => `results/${id}`;

/** Name of the prepared picture: one per generation, so a late resize can never replace a newer one. */
export const preparedName = (id: string, generation: string): string =>
  `${preparedFolder(id)}${generation}.jpg`;

/** Where the prepared pictures of all generations of an object lie. */
export const preparedFolder = (id: string): string => `${id}/`;

/** The largest picture that resize-image can write: 3072 pixels square at quality 85, with room. */
export const MAX_PREPARED_BYTES = 15_000_000;

const PREPARED_NAME = /^([0-9a-f]{32})\/(\d+)\.jpg$/;

/** The id and generation in a prepared picture's name; undefined for any other name. */
export function parsePreparedName(name: string): { id: string; generation: string } | undefined {
  const match = PREPARED_NAME.exec(name);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { id: match[1], generation: match[2] }
    : undefined;
}
