import { type Methods, streaming, unary } from '../rpc/methods.ts';
import { batchWrite, beginTransaction, commit, rollback } from './commits.ts';
import { createDocument, deleteDocument, getDocument, updateDocument } from './documents-by-name.ts';
import { listCollectionIds, listDocuments } from './listing.ts';
import { batchGetDocuments, type ReadContext, runAggregationQuery, runStructuredQuery } from './reads.ts';

type RequestOf<Answer> = Answer extends (
  context: ReadContext,
  request: infer Request,
  ...rest: never[]
) => unknown
  ? Request
  : never;

/** The methods of google.firestore.v1.Firestore, but for the streams in both directions and pipelines. */
export function firestoreMethods(context: ReadContext, onError: (e: unknown) => void): Methods {
  return {
    GetDocument: unary((request: RequestOf<typeof getDocument>) => getDocument(context, request)),
    CreateDocument: unary((request: RequestOf<typeof createDocument>) => createDocument(context, request)),
    UpdateDocument: unary((request: RequestOf<typeof updateDocument>) => updateDocument(context, request)),
    DeleteDocument: unary((request: RequestOf<typeof deleteDocument>) => deleteDocument(context, request)),
    BatchGetDocuments: streaming((request: RequestOf<typeof batchGetDocuments>, reply) =>
      batchGetDocuments(context, request, reply),
    ),
    RunQuery: streaming((request: RequestOf<typeof runStructuredQuery>, reply) =>
      runStructuredQuery(context, request, reply),
    ),
    RunAggregationQuery: streaming((request: RequestOf<typeof runAggregationQuery>, reply) =>
      runAggregationQuery(context, request, reply),
    ),
    Commit: unary((request: RequestOf<typeof commit>) => commit(context, request)),
    BatchWrite: unary((request: RequestOf<typeof batchWrite>) => batchWrite(context, request, onError)),
    BeginTransaction: unary((request: RequestOf<typeof beginTransaction>) =>
      beginTransaction(context, request),
    ),
    Rollback: unary((request: RequestOf<typeof rollback>) => rollback(context, request)),
    ListDocuments: unary((request: RequestOf<typeof listDocuments>) => listDocuments(context, request)),
    ListCollectionIds: unary((request: RequestOf<typeof listCollectionIds>) =>
      listCollectionIds(context, request),
    ),
  };
}
