import { invalidArgument } from '../rpc/status.ts';

/** A resource name taken apart: `path` is relative to the database's documents, '' for their root. */
interface ParsedName {
  database: string;
  path: string;
}

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_ID_BYTES = 1500;
const MAX_PATH_BYTES = 6 * 1024;
const MAX_SEGMENTS = 200;
const PREFIX = /^projects\/[^/]+\/databases\/[^/]+/;

/** `projects/p/databases/d`, checked. Throws INVALID_ARGUMENT. */
export function parseDatabase(name: string): string {
  const prefix = PREFIX.exec(name)?.[0];
  if (prefix === undefined || prefix !== name)
    throw invalidArgument(`"${name}" is not the name of a database.`);
  return name;
}

/** Name of a document or, as a parent, of the root of a database's documents. Throws INVALID_ARGUMENT. */
export function parseName(name: string): ParsedName {
  const database = PREFIX.exec(name)?.[0];
  const rest = database === undefined ? undefined : name.slice(database.length);
  if (database === undefined || (rest !== '/documents' && !rest?.startsWith('/documents/'))) {
    throw invalidArgument(`"${name}" does not begin with projects/{project}/databases/{database}/documents.`);
  }
  const path = name.slice(database.length + '/documents/'.length);
  if (path !== '') checkPath(path);
  return { database, path };
}

/** The path of a document of `database`, even number of segments. Throws INVALID_ARGUMENT. */
export function documentPath(database: string, name: string): string {
  const parsed = parseName(name);
  if (parsed.database !== database) throw invalidArgument(`"${name}" is not in the database ${database}.`);
  if (parsed.path === '') throw invalidArgument(`"${name}" names no document.`);
  return parsed.path;
}

export const documentName = (database: string, path: string) => `${database}/documents/${path}`;

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const BY_NAME: ReadonlySet<string> = new Set(['GetDocument', 'UpdateDocument', 'DeleteDocument']);

/** Documents and collections lie under alike paths in the REST API: the number of segments tells which is meant. */
export function isPathOf(method: string, inPath: Readonly<Record<string, string>>): boolean {
  const name =
    inPath[BY_NAME.has(method) ? (method === 'UpdateDocument' ? 'document.name' : 'name') : 'parent'];
  if (name === undefined) return true;
  // projects/p/databases/d/documents, then pairs of collection and id.
  return name.split('/').length % 2 === 1;
}

function checkPath(path: string): void {
  const segments = path.split('/');
  if (segments.length % 2 !== 0) {
    throw invalidArgument(`"${path}" has an odd number of segments: it names a collection, not a document.`);
  }
  if (segments.length > MAX_SEGMENTS) throw invalidArgument('Subcollections lie at most 100 levels deep.');
  for (const segment of segments) checkSegment(segment, path);
  if (path.length * 3 > MAX_PATH_BYTES && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw invalidArgument(`The name "${path.slice(0, 80)}..." is longer than ${MAX_PATH_BYTES} bytes.`);
  }
}

function checkSegment(segment: string, path: string): void {
  if (segment === '') throw invalidArgument(`"${path}" has an empty segment.`);
  if (segment === '.' || segment === '..') throw invalidArgument(`"${path}": "${segment}" is not an id.`);
  if (/^__.*__$/s.test(segment) && !/^__id-?\d+__$/.test(segment)) {
    throw invalidArgument(`"${path}": "${segment}" is reserved, ids must not match __.*__.`);
  }
  if (segment.length * 3 > MAX_ID_BYTES && Buffer.byteLength(segment) > MAX_ID_BYTES) {
    throw invalidArgument(`An id of "${path.slice(0, 80)}..." is longer than ${MAX_ID_BYTES} bytes.`);
  }
}
