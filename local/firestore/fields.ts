import { invalidArgument } from '../rpc/status.ts';
import { isMap, type MapValue, type Value } from './values.ts';

const SIMPLE = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
const QUOTED = /^`((?:[^`\\]|\\.)+)`/s;

/** Segments of a field path: simple names, or anything between backticks. Throws INVALID_ARGUMENT. */
export function parseFieldPath(text: string): string[] {
  if (SIMPLE.test(text)) return [text];
  const segments: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = QUOTED.exec(rest);
    const plain = quoted ? '' : (rest.split('.', 1)[0] ?? '');
    if (!quoted && !SIMPLE.test(plain)) throw invalidArgument(`Invalid field path "${text}".`);
    segments.push(quoted ? (quoted[1] ?? '').replace(/\\(.)/gs, '$1') : plain);
    rest = rest.slice(quoted ? quoted[0].length : plain.length);
    if (rest === '') return segments;
    if (!rest.startsWith('.')) throw invalidArgument(`Invalid field path "${text}".`);
    rest = rest.slice(1);
  }
}

export function getField(fields: MapValue, path: readonly string[]): Value | undefined {
  let value: Value | undefined = fields;
  for (const segment of path) {
    if (!isMap(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** A copy with the field set, or removed when `value` is undefined. What is not on the way is shared. */
export function withField(fields: MapValue, path: readonly string[], value: Value | undefined): MapValue {
  const [head = '', ...tail] = path;
  const child = Object.hasOwn(fields, head) ? fields[head] : undefined;
  if (tail.length === 0) return value === undefined ? without(fields, head) : { ...fields, [head]: value };
  if (!isMap(child) && value === undefined) return fields;
  return { ...fields, [head]: withField(isMap(child) ? child : {}, tail, value) };
}

function without(fields: MapValue, key: string): MapValue {
  if (!Object.hasOwn(fields, key)) return fields;
  const { [key]: _removed, ...rest } = fields;
  return rest;
}

/** Only the fields a mask or a projection names; `undefined` means all. */
export function project(fields: MapValue, paths: readonly string[][] | undefined): MapValue {
  if (!paths) return fields;
  let result: MapValue = {};
  for (const path of paths) {
    const value = getField(fields, path);
    if (value !== undefined) result = withField(result, path, value);
  }
  return result;
}
