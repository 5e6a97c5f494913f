/** Letters, digits, underscores and dashes: what Firestore, batches, columns and the paths of checks all take. */
const FIELD_NAME = /^[\p{L}_][\p{L}\p{N}_-]*$/u;
/** Firestore reserves these (https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields). */
const RESERVED = /^__.*__$/;
/** Firestore takes 1,500 bytes of a whole path; a longer name than this also makes the API's work on a schema harder. */
const MAX_CHARACTERS = 100;
const MAX_KEY_BYTES = 1_500;

/** Whether Firestore takes this as the name of a field, whatever else may be wrong with it. */
export const isKey = (name: string): boolean =>
  !RESERVED.test(name) && new TextEncoder().encode(name).length <= MAX_KEY_BYTES;

/** Why a field cannot have this name, and what to write instead; undefined when it can. */
export function nameObjection(name: string): readonly [reason: string, instead: string] | undefined {
  if (RESERVED.test(name))
    return ['names like __this__ are reserved in Firestore', 'leave the underscores out'];
  if (name.length > MAX_CHARACTERS)
    return [`a name has at most ${MAX_CHARACTERS} characters`, 'say the rest in its description'];
  return FIELD_NAME.test(name)
    ? undefined
    : ['a name is made of letters, digits, _ and -', 'rename the field, and say the rest in its description'];
}
