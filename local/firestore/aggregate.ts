import { invalidArgument } from '../rpc/status.ts';
import type { StoredDocument } from './documents.ts';
import { parseFieldPath } from './fields.ts';
import { fieldReader } from './match.ts';
import type { QueryPlan } from './query-plan.ts';
import { encodeValue } from './value-codec.ts';
import { isNumeric, type Value } from './values.ts';
import type { WireAggregation, WireValue } from './wire.ts';

/** The aggregate fields by alias. Values that are no numbers are left out of sums and averages. */
export function aggregate(
  plan: QueryPlan,
  documents: readonly StoredDocument[],
  aggregations: readonly WireAggregation[],
): Record<string, WireValue> {
  const fields: Record<string, WireValue> = {};
  for (const [i, aggregation] of aggregations.entries()) {
    fields[aggregation.alias ?? `field_${i + 1}`] = encodeValue(aggregateOne(plan, documents, aggregation));
  }
  return fields;
}

/**
 * Fields that are summed up or averaged. A document that lacks one is in no index that could answer the query:
 * it counts nowhere.
 */
export function aggregatedFields(aggregations: readonly WireAggregation[]): string[] {
  return aggregations.flatMap(({ sum, avg }) => (sum ?? avg)?.field.fieldPath ?? []);
}

function aggregateOne(plan: QueryPlan, documents: readonly StoredDocument[], by: WireAggregation): Value {
  if (by.count) {
    const upTo = Number(by.count.upTo?.value ?? Number.POSITIVE_INFINITY);
    return BigInt(Math.min(documents.length, upTo));
  }
  const field = (by.sum ?? by.avg)?.field.fieldPath;
  if (field === undefined) throw invalidArgument('An aggregation has no operator.');
  const read = fieldReader(plan.database, field, parseFieldPath(field));
  const numbers = documents.map(read).filter((value) => value !== undefined && isNumeric(value));
  return by.sum ? sum(numbers) : average(numbers);
}

/** An integer as long as all are integers and the sum fits 64 bits, else a double. */
function sum(numbers: readonly (number | bigint)[]): number | bigint {
  if (numbers.every((value) => typeof value === 'bigint')) {
    const total = numbers.reduce((a, b) => a + b, 0n);
    return BigInt.asIntN(64, total) === total ? total : Number(total);
  }
  return numbers.reduce<number>((a, b) => a + Number(b), 0);
}

function average(numbers: readonly (number | bigint)[]): number | null {
  return numbers.length === 0 ? null : Number(sum(numbers)) / numbers.length;
}
