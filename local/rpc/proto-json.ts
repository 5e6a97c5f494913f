import protobuf from 'protobufjs';
import { invalidArgument } from './status.ts';

/**
 * Proto3's JSON, as Google's REST APIs speak it, to and from the messages that proto-loader hands over: camelCase,
 * enums by name, 64-bit integers as strings, unset fields absent.
 * https://protobuf.dev/programming-guides/json
 */
type Json = unknown;
type Message = Record<string, unknown>;

/** Throws INVALID_ARGUMENT that names the field. */
export function fromProtoJson(type: protobuf.Type, json: Json, where = ''): Message {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalidArgument(
      where === '' ? 'The request body must be a JSON object.' : `"${where}" must be an object.`,
    );
  }
  const message: Message = {};
  for (const [key, value] of Object.entries(json)) {
    const field = fieldCalled(type, key);
    const path = where === '' ? key : `${where}.${key}`;
    if (!field)
      throw invalidArgument(`Invalid JSON payload received. Unknown name "${path}": cannot find field.`);
    field.resolve();
    const isNullValue =
      field.resolvedType instanceof protobuf.Enum && field.resolvedType.name === 'NullValue';
    if (value === null && !isNullValue) continue;
    message[field.name] = fromField(field, value, path);
  }
  return message;
}

function fieldCalled(type: protobuf.Type, key: string): protobuf.Field | undefined {
  const camel = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(type.fields, camel) ? type.fields[camel] : undefined;
}

function fromField(field: protobuf.Field, value: Json, path: string): unknown {
  if (field instanceof protobuf.MapField) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalidArgument(`"${path}" must be an object.`);
    }
    const entries = Object.entries(value).map(([key, one]) => [key, fromValue(field, one, `${path}.${key}`)]);
    return Object.fromEntries(entries);
  }
  if (!field.repeated) return fromValue(field, value, path);
  if (!Array.isArray(value)) throw invalidArgument(`"${path}" must be a list.`);
  return value.map((one, i) => fromValue(field, one, `${path}[${i}]`));
}

function fromValue(field: protobuf.Field, value: Json, path: string): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) return fromEnum(resolvedType, value, path);
  if (resolvedType instanceof protobuf.Type) return fromWellKnown(resolvedType, value, path);
  return fromScalar(field.type, value, path);
}

function fromEnum(type: protobuf.Enum, value: Json, path: string): string {
  if (type.name === 'NullValue') return 'NULL_VALUE';
  const name = typeof value === 'number' ? type.valuesById[value] : value;
  if (typeof name === 'string' && type.values[name] !== undefined) return name;
  throw invalidArgument(`Invalid value at "${path}": ${JSON.stringify(value)} is none of ${type.name}.`);
}

function fromWellKnown(type: protobuf.Type, value: Json, path: string): unknown {
  switch (type.fullName) {
    case '.google.protobuf.Timestamp':
      return parseTimestamp(value, path);
    case '.google.protobuf.Duration':
      return parseDuration(value, path);
    case '.google.protobuf.FieldMask':
      return {
        paths: String(value)
          .split(',')
          .filter((one) => one !== '')
          .map(toSnake),
      };
  }
  const wrapped =
    type.fullName.startsWith('.google.protobuf.') && type.name.endsWith('Value')
      ? type.fields['value']
      : undefined;
  return wrapped ? { value: fromScalar(wrapped.type, value, path) } : fromProtoJson(type, value, path);
}

function fromScalar(type: string, value: Json, path: string): unknown {
  switch (type) {
    case 'string':
      if (typeof value === 'string' && value.isWellFormed()) return value;
      break;
    case 'bool':
      if (typeof value === 'boolean' || value === 'true' || value === 'false')
        return value === true || value === 'true';
      break;
    case 'bytes':
      if (typeof value === 'string' && isBase64(value)) return Buffer.from(value, 'base64');
      break;
    case 'double':
    case 'float':
      return fromNumber(value, path);
    case 'int64':
    case 'uint64':
      if (/^-?\d{1,20}$/.test(String(value))) return String(value);
      break;
    default:
      if (value !== '' && Number.isInteger(Number(value))) return Number(value);
  }
  throw invalidArgument(
    `Invalid value at "${path}" (${type}): ${String(JSON.stringify(value)).slice(0, 80)}.`,
  );
}

function fromNumber(value: Json, path: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  throw invalidArgument(
    `Invalid value at "${path}": ${String(JSON.stringify(value)).slice(0, 80)} is no number.`,
  );
}

/** Standard or URL-safe alphabet, padded or not: Google's JSON parser takes both. */
const isBase64 = (text: string): boolean =>
  /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replaceAll('=', '').length % 4 !== 1;

const toSnake = (path: string): string => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (path: string): string => path.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const TIME = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

function parseTimestamp(value: Json, path: string) {
  const [, second = '', fraction = '', zone = ''] = TIME.exec(String(value)) ?? [];
  const ms = Date.parse(second + zone);
  if (Number.isNaN(ms))
    throw invalidArgument(`Invalid value at "${path}": expected a time such as 2026-01-31T12:00:00Z.`);
  return { seconds: String(ms / 1000), nanos: Number(fraction.padEnd(9, '0')) };
}

function parseDuration(value: Json, path: string) {
  const [, sign = '', seconds, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(String(value)) ?? [];
  if (seconds === undefined)
    throw invalidArgument(`Invalid value at "${path}": expected a duration such as 1.5s.`);
  const factor = sign === '-' ? -1 : 1;
  return { seconds: String(Number(seconds) * factor), nanos: Number(fraction.padEnd(9, '0')) * factor };
}

/** The message as JSON; fields that are unset, empty or zero are left out unless they are members of a `oneof`. */
export function toProtoJson(type: protobuf.Type, message: Message): Record<string, Json> {
  const json: Record<string, Json> = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    field.resolve();
    if (field instanceof protobuf.MapField) {
      const entries = Object.entries(value as Message);
      if (entries.length > 0)
        json[field.name] = Object.fromEntries(entries.map(([k, v]) => [k, toValue(field, v)]));
    } else if (field.repeated) {
      const list = value as unknown[];
      if (list.length > 0) json[field.name] = list.map((one) => toValue(field, one));
    } else if (field.partOf || field.resolvedType instanceof protobuf.Type || !isDefault(value)) {
      json[field.name] = toValue(field, value);
    }
  }
  return json;
}

const isDefault = (value: unknown): boolean =>
  value === '' ||
  value === 0 ||
  value === '0' ||
  value === false ||
  (value instanceof Uint8Array && value.length === 0);

function toValue(field: protobuf.Field, value: unknown): Json {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) {
    if (resolvedType.name === 'NullValue') return null;
    return typeof value === 'number' ? (resolvedType.valuesById[value] ?? value) : value;
  }
  if (resolvedType instanceof protobuf.Type) return toWellKnown(resolvedType, value as Message);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return field.type === 'int64' || field.type === 'uint64' ? String(value) : value;
}

function toWellKnown(type: protobuf.Type, message: Message): Json {
  const {
    seconds = 0,
    nanos = 0,
    value,
    paths,
  } = message as {
    seconds?: string | number;
    nanos?: number;
    value?: unknown;
    paths?: string[];
  };
  switch (type.fullName) {
    case '.google.protobuf.Timestamp':
      return new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, `${fractionOf(nanos)}Z`);
    case '.google.protobuf.Duration':
      return `${seconds}${fractionOf(nanos)}s`;
    case '.google.protobuf.FieldMask':
      return (paths ?? []).map(toCamel).join(',');
  }
  if (type.fullName === '.google.protobuf.Struct') return structJson(message);
  const isWrapper = type.fullName.startsWith('.google.protobuf.') && type.name.endsWith('Value');
  return isWrapper ? (value ?? 0) : toProtoJson(type, message);
}

/** Of the kinds of values that our servers put into one. */
function structJson({ fields = {} }: { fields?: Record<string, { stringValue?: string }> }): Json {
  return Object.fromEntries(Object.entries(fields).map(([key, { stringValue }]) => [key, stringValue]));
}

/** 3, 6 or 9 digits, as few as hold it. */
function fractionOf(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(Math.abs(nanos)).padStart(9, '0');
  return `.${digits.replace(/000$/, '').replace(/000$/, '')}`;
}
