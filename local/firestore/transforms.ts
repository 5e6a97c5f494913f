import { invalidArgument } from '../rpc/status.ts';
import { decodeValue } from './value-codec.ts';
import { compareValues, isNumeric, Timestamp, type Value } from './values.ts';
import type { WireTransform, WireValue } from './wire.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** `value` is what the field becomes, `result` what the WriteResult reports for the transform. */
interface Transformed {
  value: Value;
  result: Value;
}

/** Applies one field transform to the field's present value; `commitTime` in microseconds. */
export function transformField(
  transform: WireTransform,
  current: Value | undefined,
  commitTime: number,
): Transformed {
  if (transform.setToServerValue) return same(requestTime(commitTime));
  if (transform.increment) return same(increment(current, operand(transform.increment)));
  if (transform.maximum) return same(extreme(current, operand(transform.maximum), 1));
  if (transform.minimum) return same(extreme(current, operand(transform.minimum), -1));
  if (transform.appendMissingElements) {
    return { value: union(current, elements(transform.appendMissingElements)), result: null };
  }
  if (transform.removeAllFromArray) {
    return { value: difference(current, elements(transform.removeAllFromArray)), result: null };
  }
  throw invalidArgument(`The transform of "${transform.fieldPath}" has no type.`);
}

const same = (value: Value): Transformed => ({ value, result: value });

/** Server timestamps have millisecond precision, unlike update times. */
function requestTime(commitTime: number): Timestamp {
  const ms = Math.floor(commitTime / 1000);
  return new Timestamp(Math.floor(ms / 1000), (ms % 1000) * 1e6);
}

function operand(wire: WireValue): number | bigint {
  const value = decodeValue(wire);
  if (!isNumeric(value)) throw invalidArgument('The operand of increment, maximum and minimum is a number.');
  return value;
}

const elements = (wire: { values?: WireValue[] }): Value[] => (wire.values ?? []).map((v) => decodeValue(v));

function increment(current: Value | undefined, by: number | bigint): number | bigint {
  if (current === undefined || !isNumeric(current)) return by;
  if (typeof current === 'number' || typeof by === 'number') return Number(current) + Number(by);
  const sum = current + by;
  return sum > MAX_INT64 ? MAX_INT64 : sum < MIN_INT64 ? MIN_INT64 : sum;
}

function extreme(current: Value | undefined, candidate: number | bigint, sign: 1 | -1): number | bigint {
  if (current === undefined || !isNumeric(current)) return candidate;
  return compareValues(candidate, current) * sign > 0 ? candidate : current;
}

function union(current: Value | undefined, added: Value[]): Value[] {
  const result = Array.isArray(current) ? [...current] : [];
  for (const element of added) {
    if (!result.some((present) => compareValues(present, element) === 0)) result.push(element);
  }
  return result;
}

function difference(current: Value | undefined, removed: Value[]): Value[] {
  if (!Array.isArray(current)) return [];
  return current.filter((element) => !removed.some((value) => compareValues(value, element) === 0));
}
