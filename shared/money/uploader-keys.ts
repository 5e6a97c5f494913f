import { createHash } from 'node:crypto';
import { cutText } from '../base/text.ts';

/**
 * Firestore takes 1,500 bytes for the name of a field or of a document
 * (https://firebase.google.com/docs/firestore/quotas); this leaves room for what stands around an uploader's name, and
 * 500 of them fit into one document. 254 characters of three bytes, the longest that is ever stored, are not cut.
 */
const MAX_BYTES = 1_000;
/** Characters of a name that is too long, enough to recognize it by. */
const READABLE_CHARACTERS = 60;
const HASH_CHARACTERS = 16;

/** Firestore keeps these for itself. */
const RESERVED = /^__.*__$/s;

/** The key of an uploader in a map of a document, as people read it in a report: the name itself wherever Firestore takes it. */
export function mapKeyOf(uploader: string): string {
  const name = uploader.toWellFormed();
  if (Buffer.byteLength(name) > MAX_BYTES) {
    const start = cutText(name, READABLE_CHARACTERS);
    return `${start}… (${hashOf(name).slice(0, HASH_CHARACTERS)})`;
  }
  return RESERVED.test(name) ? `(${name})` : name;
}

/** The part of a document's name that stands for an uploader: no two uploaders share it. */
export function documentNameOf(uploader: string): string {
  const name = uploader.toWellFormed();
  const encoded = encodeURIComponent(name);
  // Nothing encoded has an @: a name that reads like a hash is not taken for one.
  return encoded.length > MAX_BYTES ? `@${hashOf(name)}` : encoded;
}

const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex');
