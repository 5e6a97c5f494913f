import { encodeDocument } from './document-codec.ts';
import type { Documents } from './documents.ts';
import { parseFieldPath } from './fields.ts';
import { documentName, parseName } from './names.ts';
import type { ReadContext } from './reads.ts';
import { comparePaths, compareStrings } from './values.ts';
import type { WireDocument, WireMask } from './wire.ts';

interface ListDocumentsRequest {
  parent: string;
  collectionId?: string;
  pageSize?: number;
  pageToken?: string;
  mask?: WireMask;
  showMissing?: boolean;
}

/** The documents of a collection by name; with `showMissing` also those that only have subcollections. */
export function listDocuments({ store, operations }: ReadContext, request: ListDocumentsRequest) {
  const { database, path: parent } = parseName(request.parent);
  const documents = store.database(database);
  const collection = join(parent, request.collectionId ?? '');
  const mask = request.mask && (request.mask.fieldPaths ?? []).map(parseFieldPath);
  const existing = [...(documents.collection(collection)?.keys() ?? [])];
  const paths = new Set(
    request.showMissing ? [...existing, ...ancestorsIn(documents, collection)] : existing,
  );
  const { page, nextPageToken } = paginate([...paths].sort(comparePaths), request);
  operations.reads += Math.max(1, page.length);
  const listed = page.map((path): WireDocument => {
    const document = documents.get(path);
    return document ? encodeDocument(database, document, mask) : { name: documentName(database, path) };
  });
  return { documents: listed, nextPageToken };
}

interface ListCollectionIdsRequest {
  parent: string;
  pageSize?: number;
  pageToken?: string;
}

export function listCollectionIds({ store, operations }: ReadContext, request: ListCollectionIdsRequest) {
  const { database, path: parent } = parseName(request.parent);
  const prefix = parent === '' ? '' : `${parent}/`;
  const ids = new Set<string>();
  for (const path of store.database(database).collectionPaths()) {
    if (path.startsWith(prefix)) ids.add(path.slice(prefix.length).split('/', 1)[0] ?? '');
  }
  const { page, nextPageToken } = paginate([...ids].sort(compareStrings), request);
  operations.reads += 1;
  return { collectionIds: page, nextPageToken };
}

const join = (parent: string, collectionId: string) =>
  parent === '' ? collectionId : `${parent}/${collectionId}`;

/** Documents of the collection that lie on the way to some subcollection, whether they exist or not. */
function* ancestorsIn(documents: Documents, collection: string): Generator<string> {
  const prefix = `${collection}/`;
  for (const path of documents.collectionPaths()) {
    if (path.startsWith(prefix)) yield prefix + (path.slice(prefix.length).split('/', 1)[0] ?? '');
  }
}

/** The page token is the last item of the page before. */
function paginate(
  items: string[],
  { pageSize = 0, pageToken = '' }: { pageSize?: number; pageToken?: string },
) {
  const start = pageToken === '' ? 0 : items.indexOf(pageToken) + 1;
  const page = pageSize > 0 ? items.slice(start, start + pageSize) : items.slice(start);
  const isLast = start + page.length >= items.length;
  return { page, nextPageToken: isLast ? '' : (page.at(-1) ?? '') };
}
