import { invalid, required } from './errors.ts';

/** https://cloud.google.com/storage/docs/objects#naming */
const MAX_NAME_BYTES = 1024;
const BUCKET_NAME = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** @throws StorageError 400 where production refuses the name. */
export function checkObjectName(name: string | undefined): string {
  if (name === undefined || name === '') throw required('name');
  if (!name.isWellFormed()) throw invalid('The name must be valid Unicode.', 'name');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw invalid(`The name must be at most ${MAX_NAME_BYTES} bytes of UTF-8.`, 'name');
  }
  if (/[\r\n]/.test(name)) throw invalid('The name must not contain carriage return or line feed.', 'name');
  if (name === '.' || name === '..') throw invalid(`The name must not be "${name}".`, 'name');
  if (name.startsWith('.well-known/acme-challenge/')) {
    throw invalid('The name must not start with ".well-known/acme-challenge/".', 'name');
  }
  return name;
}

export function checkBucketName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw required('name');
  if (!BUCKET_NAME.test(name)) throw invalid(`Invalid bucket name: '${name}'`, 'name');
  return name;
}

/** Order of UTF-8 bytes, which is how Cloud Storage lists. JavaScript's `<` orders UTF-16 units: emoji would come too early. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

// Surrogates (D800-DFFF) stand for code points above FFFF, so they must sort after E000-FFFF.
const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Index of `name` in a sorted list, or of the first one after it. */
export function lowerBound(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(sorted[middle] ?? '', name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
