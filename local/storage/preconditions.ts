import { conditionNotMet, invalid, notModified } from './errors.ts';
import type { StoredObject } from './stored-object.ts';

/** Generation 0 means "no such object". */
export interface Preconditions {
  generationMatch?: number;
  generationNotMatch?: number;
  metagenerationMatch?: number;
  metagenerationNotMatch?: number;
}

/** Reads `ifGenerationMatch` and its kin, or `ifSourceGenerationMatch` with prefix `ifSource`. */
export function preconditionsFrom(query: URLSearchParams, prefix: 'if' | 'ifSource' = 'if'): Preconditions {
  return pick((name) => query.get(`${prefix}${name}`));
}

/** The XML API's headers carry the same conditions: `x-goog-if-generation-match`. */
export function preconditionsFromHeaders(headers: NodeJS.Dict<string | string[]>): Preconditions {
  return pick((name) => {
    const header = `x-goog-if${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const value = headers[header];
    return typeof value === 'string' ? value : null;
  });
}

function pick(read: (name: string) => string | null): Preconditions {
  const generationMatch = integer(read('GenerationMatch'));
  const generationNotMatch = integer(read('GenerationNotMatch'));
  const metagenerationMatch = integer(read('MetagenerationMatch'));
  const metagenerationNotMatch = integer(read('MetagenerationNotMatch'));
  return {
    ...(generationMatch === undefined ? {} : { generationMatch }),
    ...(generationNotMatch === undefined ? {} : { generationNotMatch }),
    ...(metagenerationMatch === undefined ? {} : { metagenerationMatch }),
    ...(metagenerationNotMatch === undefined ? {} : { metagenerationNotMatch }),
  };
}

function integer(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d{1,16}$/.test(text)) throw invalid(`Invalid value for a precondition: ${text}`);
  return Number(text);
}

/**
 * @throws StorageError 412 when a condition does not hold; 304 instead for the not-match conditions of a read.
 */
export function checkPreconditions(
  conditions: Preconditions,
  object: StoredObject | undefined,
  kind: 'read' | 'write',
): void {
  const generation = object?.generation ?? 0;
  const metageneration = object?.metageneration ?? 0;
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions;
  if (generationMatch !== undefined && generationMatch !== generation) throw conditionNotMet();
  if (metagenerationMatch !== undefined && metagenerationMatch !== metageneration) throw conditionNotMet();
  const unwanted =
    (generationNotMatch !== undefined && generationNotMatch === generation) ||
    (metagenerationNotMatch !== undefined && metagenerationNotMatch === metageneration);
  if (unwanted) throw kind === 'read' ? notModified() : conditionNotMet();
}
