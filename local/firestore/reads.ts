import { aggregate, aggregatedFields } from './aggregate.ts';
import { encodeDocument } from './document-codec.ts';
import type { StoredDocument } from './documents.ts';
import { parseFieldPath } from './fields.ts';
import { type CompositeIndex, requireIndex } from './indexes.ts';
import { documentPath, parseDatabase } from './names.ts';
import type { OperationCount } from './operation-count.ts';
import { findUnsorted, runQuery } from './query.ts';
import { planQuery, type QueryPlan } from './query-plan.ts';
import { failedPrecondition, invalidArgument } from './status.ts';
import type { Store } from './store.ts';
import type { Transactions } from './transactions.ts';
import {
  fromWireTime,
  toWireTime,
  type WireAggregation,
  type WireConsistency,
  type WireMask,
  type WireQuery,
} from './wire.ts';

export interface ReadContext {
  readonly store: Store;
  readonly transactions: Transactions;
  readonly operations: OperationCount;
  /** Undefined = every query is allowed. */
  readonly indexes: readonly CompositeIndex[] | undefined;
}

/** `id` when the read is part of a transaction; `started` when this very request began it. */
interface Reading {
  readonly id: Uint8Array | undefined;
  readonly started: { transaction?: Uint8Array };
}

type Reply = (message: object) => void;

export type BatchGetRequest = WireConsistency & { database: string; documents?: string[]; mask?: WireMask };

export function batchGetDocuments(context: ReadContext, request: BatchGetRequest, reply: Reply): void {
  const { store, transactions, operations } = context;
  const database = parseDatabase(request.database);
  const names = request.documents ?? [];
  const paths = names.map((name) => documentPath(database, name));
  const mask = request.mask && (request.mask.fieldPaths ?? []).map(parseFieldPath);
  const { id, started } = openReading(context, database, request);
  const documents = store.database(database);
  const found = paths.map((path) => (id ? transactions.readDocument(id, path) : documents.get(path)));
  const readTime = toWireTime(store.clock.read());
  operations.reads += paths.length;
  // Only then: the clients of Python and Go take a reply without a document for a broken one.
  if (started.transaction) reply({ ...started, readTime });
  for (const [i, document] of found.entries()) {
    reply(
      document
        ? { found: encodeDocument(database, document, mask), readTime }
        : { missing: names[i], readTime },
    );
  }
}

export type RunQueryRequest = WireConsistency & { parent: string; structuredQuery?: WireQuery };

export function runStructuredQuery(context: ReadContext, request: RunQueryRequest, reply: Reply): void {
  if (!request.structuredQuery) throw invalidArgument('The request has no query.');
  const plan = planQuery(request.parent, request.structuredQuery);
  checkQuery(context, plan);
  const { started, found } = read(context, plan, request);
  const readTime = toWireTime(context.store.clock.read());
  context.operations.reads += Math.max(1, found.length);
  reply({ ...started, readTime, skippedResults: plan.offset });
  for (const document of found) {
    reply({ document: encodeDocument(plan.database, document, plan.projection), readTime });
  }
}

export type AggregationRequest = WireConsistency & {
  parent: string;
  structuredAggregationQuery?: { structuredQuery?: WireQuery; aggregations?: WireAggregation[] };
};

export function runAggregationQuery(context: ReadContext, request: AggregationRequest, reply: Reply): void {
  const { structuredQuery, aggregations = [] } = request.structuredAggregationQuery ?? {};
  if (!structuredQuery) throw invalidArgument('The request has no query.');
  const aggregated = aggregatedFields(aggregations);
  const plan = planQuery(request.parent, structuredQuery, aggregated);
  checkQuery(context, plan, aggregated);
  const { started, found } = read(context, plan, request, findUnsorted);
  // Production bills one read for every 1,000 index entries.
  context.operations.reads += Math.max(1, Math.ceil(found.length / 1000));
  const aggregateFields = aggregate(plan, found, aggregations);
  reply({ ...started, result: { aggregateFields }, readTime: toWireTime(context.store.clock.read()) });
}

/** Throws FAILED_PRECONDITION when production would miss an index. */
export function checkQuery({ indexes }: ReadContext, plan: QueryPlan, aggregated: string[] = []): void {
  if (indexes) requireIndex(plan, indexes, aggregated);
}

function read(context: ReadContext, plan: QueryPlan, consistency: WireConsistency, find = runQuery) {
  const { id, started } = openReading(context, plan.database, consistency);
  const found: StoredDocument[] = id
    ? context.transactions.readQuery(id, plan)
    : find(context.store.database(plan.database), plan);
  return { started, found };
}

function openReading({ store, transactions }: ReadContext, database: string, by: WireConsistency): Reading {
  if (by.readTime && fromWireTime(by.readTime) < store.clock.read()) {
    throw failedPrecondition(
      'The local Firestore server keeps no old versions: reads in the past are not available.',
    );
  }
  if (by.newTransaction) {
    const id = transactions.begin(database, by.newTransaction);
    return { id, started: { transaction: id } };
  }
  return { id: by.transaction?.length ? by.transaction : undefined, started: {} };
}
