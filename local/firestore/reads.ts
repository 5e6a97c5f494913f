import type { Reply } from '../rpc/methods.ts';
import { invalidArgument } from '../rpc/status.ts';
import { aggregate, aggregatedFields } from './aggregate.ts';
import { encodeDocument } from './document-codec.ts';
import type { StoredDocument } from './documents.ts';
import { explain } from './explain.ts';
import { parseFieldPath } from './fields.ts';
import { type CompositeIndex, requireIndex } from './indexes.ts';
import { documentPath, parseDatabase } from './names.ts';
import type { OperationCount } from './operation-count.ts';
import { findUnsorted, runQuery } from './query.ts';
import { planQuery, type QueryPlan } from './query-plan.ts';
import type { Store } from './store.ts';
import type { Transactions } from './transactions.ts';
import {
  fromWireTime,
  toWireTime,
  type WireAggregation,
  type WireConsistency,
  type WireExplainOptions,
  type WireMask,
  type WireQuery,
  type WireValue,
} from './wire.ts';

/** Why a document may not be written; undefined when it may. Its fields are as they travel. */
export type Refusal = (name: string, fields: Readonly<Record<string, WireValue>>) => string | undefined;

export interface ReadContext {
  readonly store: Store;
  readonly transactions: Transactions;
  readonly operations: OperationCount;
  /** Undefined = every query is allowed. */
  readonly indexes: readonly CompositeIndex[] | undefined;
  /** Breaks writes on purpose, for tests of the code that makes them. */
  refusal?: Refusal | undefined;
}

/** What one request reads from: the newest state, that of a moment in the past, or a transaction's. */
interface Reading {
  /** The transaction that this very request began. */
  readonly started: { transaction?: Uint8Array };
  /** Microseconds. */
  readTime(): number;
  document(path: string): Promise<StoredDocument | undefined>;
  query(plan: QueryPlan, find?: typeof runQuery): StoredDocument[];
}

type BatchGetRequest = WireConsistency & { database: string; documents?: string[]; mask?: WireMask };

export async function batchGetDocuments(
  context: ReadContext,
  request: BatchGetRequest,
  reply: Reply,
): Promise<void> {
  const database = parseDatabase(request.database);
  const names = request.documents ?? [];
  const paths = names.map((name) => documentPath(database, name));
  const mask = request.mask && (request.mask.fieldPaths ?? []).map(parseFieldPath);
  const reading = openReading(context, database, request);
  const found: (StoredDocument | undefined)[] = [];
  for (const path of paths) found.push(await reading.document(path));
  const readTime = toWireTime(reading.readTime());
  context.operations.reads += paths.length;
  // Only then: the clients of Python and Go take a reply without a document for a broken one.
  if (reading.started.transaction) reply({ ...reading.started, readTime });
  for (const [i, document] of found.entries()) {
    reply(
      document
        ? { found: encodeDocument(database, document, mask), readTime }
        : { missing: names[i], readTime },
    );
  }
}

type RunQueryRequest = WireConsistency & {
  parent: string;
  structuredQuery?: WireQuery;
  explainOptions?: WireExplainOptions;
};

export function runStructuredQuery(context: ReadContext, request: RunQueryRequest, reply: Reply): void {
  if (!request.structuredQuery) throw invalidArgument('The request has no query.');
  const plan = planQuery(request.parent, request.structuredQuery);
  checkQuery(context, plan);
  const { explainOptions } = request;
  if (explainOptions && !explainOptions.analyze) {
    reply({ explainMetrics: explain(plan) });
    return;
  }
  const startedAt = performance.now();
  const reading = openReading(context, plan.database, request);
  const found = reading.query(plan);
  const readTime = toWireTime(reading.readTime());
  const reads = Math.max(1, found.length);
  context.operations.reads += reads;
  // Node's explainStream() never ends when a reply holds neither a document nor metrics.
  if (!explainOptions || reading.started.transaction) {
    reply({ ...reading.started, readTime, skippedResults: plan.offset });
  }
  for (const document of found.slice(0, explainOptions ? -1 : undefined)) {
    reply({ document: encodeDocument(plan.database, document, plan.projection), readTime });
  }
  if (!explainOptions) return;
  // The last document brings the metrics along, as in production.
  const last = found.at(-1);
  reply({
    ...(last ? { document: encodeDocument(plan.database, last, plan.projection) } : {}),
    readTime,
    explainMetrics: explain(plan, { results: found.length, reads, startedAt }),
  });
}

type AggregationRequest = WireConsistency & {
  parent: string;
  structuredAggregationQuery?: { structuredQuery?: WireQuery; aggregations?: WireAggregation[] };
  explainOptions?: WireExplainOptions;
};

export function runAggregationQuery(context: ReadContext, request: AggregationRequest, reply: Reply): void {
  const { structuredQuery, aggregations = [] } = request.structuredAggregationQuery ?? {};
  if (!structuredQuery) throw invalidArgument('The request has no query.');
  const aggregated = aggregatedFields(aggregations);
  const plan = planQuery(request.parent, structuredQuery, aggregated);
  checkQuery(context, plan, aggregated);
  const { explainOptions } = request;
  if (explainOptions && !explainOptions.analyze) {
    reply({ explainMetrics: explain(plan) });
    return;
  }
  const startedAt = performance.now();
  const reading = openReading(context, plan.database, request);
  const found = reading.query(plan, findUnsorted);
  // Production bills one read for every 1,000 index entries.
  const reads = Math.max(1, Math.ceil(found.length / 1000));
  context.operations.reads += reads;
  const aggregateFields = aggregate(plan, found, aggregations);
  const readTime = toWireTime(reading.readTime());
  reply({ ...reading.started, result: { aggregateFields }, readTime });
  if (explainOptions) reply({ readTime, explainMetrics: explain(plan, { results: 1, reads, startedAt }) });
}

/** Throws FAILED_PRECONDITION when production would miss an index. */
export function checkQuery({ indexes }: ReadContext, plan: QueryPlan, aggregated: string[] = []): void {
  if (indexes) requireIndex(plan, indexes, aggregated);
}

/** Throws INVALID_ARGUMENT or FAILED_PRECONDITION for a moment or a transaction that cannot be read. */
export function openReading(context: ReadContext, database: string, by: WireConsistency): Reading {
  const { store, transactions } = context;
  if (by.readTime) return readingAt(store, database, fromWireTime(by.readTime));
  const id = by.newTransaction ? transactions.begin(database, by.newTransaction) : by.transaction;
  const started = by.newTransaction && id ? { transaction: id } : {};
  if (!id?.length) return readingAt(store, database, undefined);
  const readTime = transactions.get(id).readTime;
  if (readTime !== undefined) return { ...readingAt(store, database, readTime), started };
  return {
    started,
    readTime: () => store.clock.read(),
    document: (path) => transactions.readDocument(id, path),
    query: (plan) => transactions.readQuery(id, plan),
  };
}

function readingAt(store: Store, database: string, readTime: number | undefined): Reading {
  const documents = readTime === undefined ? store.database(database) : store.databaseAt(database, readTime);
  return {
    started: {},
    readTime: () => readTime ?? store.clock.read(),
    document: async (path) => documents.get(path),
    query: (plan, find = runQuery) => find(documents, plan),
  };
}
