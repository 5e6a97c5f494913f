import { randomBytes } from 'node:crypto';
import { notFound } from '../rpc/status.ts';
import { encodeDocument } from './document-codec.ts';
import type { StoredDocument } from './documents.ts';
import { parseFieldPath } from './fields.ts';
import { documentName, parseName } from './names.ts';
import { openReading, type ReadContext } from './reads.ts';
import type { WireConsistency, WireDocument, WireMask, WirePrecondition, WireWrite } from './wire.ts';

/** One document by its name: what the REST API is mostly used for. */
export async function getDocument(
  context: ReadContext,
  request: WireConsistency & { name: string; mask?: WireMask },
): Promise<WireDocument> {
  const { database, path } = parseName(request.name);
  const reading = openReading(context, database, request);
  const document = await reading.document(path);
  context.operations.reads += 1;
  if (!document) throw notFound(`Document "${request.name}" not found.`);
  return encodeDocument(database, document, maskOf(request.mask));
}

interface CreateRequest {
  parent: string;
  collectionId: string;
  /** Absent: any that is free. */
  documentId?: string;
  document?: WireDocument;
  mask?: WireMask;
}

export function createDocument(context: ReadContext, request: CreateRequest): WireDocument {
  const { parent, collectionId, documentId = randomBytes(15).toString('hex').slice(0, 20) } = request;
  const name = `${parent}/${collectionId}/${documentId}`;
  const update = { ...request.document, name };
  return write(context, name, { update, currentDocument: { exists: false } }, request.mask);
}

interface UpdateRequest {
  document: WireDocument;
  updateMask?: WireMask;
  mask?: WireMask;
  currentDocument?: WirePrecondition;
}

export function updateDocument(context: ReadContext, request: UpdateRequest): WireDocument {
  const { document, updateMask, currentDocument } = request;
  const change: WireWrite = {
    update: document,
    ...(updateMask ? { updateMask } : {}),
    ...(currentDocument ? { currentDocument } : {}),
  };
  return write(context, document.name, change, request.mask);
}

export function deleteDocument(
  { store, operations }: ReadContext,
  { name, currentDocument }: { name: string; currentDocument?: WirePrecondition },
): object {
  const { database } = parseName(name);
  store.commit(database, [{ delete: name, ...(currentDocument ? { currentDocument } : {}) }]);
  operations.writes += 1;
  return {};
}

function write(
  { store, operations }: ReadContext,
  name: string,
  change: WireWrite,
  mask?: WireMask,
): WireDocument {
  const { database, path } = parseName(name);
  store.commit(database, [change]);
  operations.writes += 1;
  const document = store.database(database).get(path) as StoredDocument;
  return { ...encodeDocument(database, document, maskOf(mask)), name: documentName(database, path) };
}

const maskOf = (mask: WireMask | undefined) => mask && (mask.fieldPaths ?? []).map(parseFieldPath);
