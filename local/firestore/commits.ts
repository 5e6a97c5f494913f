import { status } from '@grpc/grpc-js';
import { invalidArgument, toStatus } from '../rpc/status.ts';
import { parseDatabase } from './names.ts';
import type { ReadContext } from './reads.ts';
import { toWireTime, type WireTransactionOptions, type WireWrite, type WireWriteResult } from './wire.ts';

interface CommitRequest {
  database: string;
  writes?: WireWrite[];
  transaction?: Uint8Array;
}

export function commit({ store, transactions, operations, refusal }: ReadContext, request: CommitRequest) {
  const database = parseDatabase(request.database);
  const writes = request.writes ?? [];
  for (const { update } of writes) {
    const why = update?.name && refusal?.(update.name, update.fields ?? {});
    if (why) throw invalidArgument(why);
  }
  if (request.transaction?.length) transactions.finish(request.transaction, writes.length > 0);
  const { commitTime, results } = store.commit(database, writes);
  operations.writes += writes.length;
  return { writeResults: results, commitTime: toWireTime(commitTime) };
}

/** Each write separately, with a status of its own. */
export function batchWrite(
  { store, operations }: ReadContext,
  request: CommitRequest,
  onError: (e: unknown) => void,
) {
  const database = parseDatabase(request.database);
  const writeResults: WireWriteResult[] = [];
  const statuses: { code: number; message?: string }[] = [];
  for (const write of request.writes ?? []) {
    try {
      writeResults.push(...store.commit(database, [write]).results);
      statuses.push({ code: status.OK });
      operations.writes += 1;
    } catch (error) {
      const { code, details } = toStatus(error, onError);
      writeResults.push({});
      statuses.push({ code, message: details });
    }
  }
  return { writeResults, status: statuses };
}

interface BeginRequest {
  database: string;
  options?: WireTransactionOptions;
}

export function beginTransaction({ transactions }: ReadContext, request: BeginRequest) {
  return { transaction: transactions.begin(parseDatabase(request.database), request.options) };
}

export function rollback({ transactions }: ReadContext, request: { transaction?: Uint8Array }) {
  if (request.transaction) transactions.rollback(request.transaction);
  return {};
}
