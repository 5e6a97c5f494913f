import { badRequest, type FieldViolation } from './errors.ts';
import { ENUMS, MESSAGES, type MessageName } from './request-fields.ts';

type JsonObject = Record<string, unknown>;

const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMessage = (type: string): type is MessageName => Object.hasOwn(MESSAGES, type);

/**
 * Reads JSON into a request message the way Google's parser does: both spellings of a name, numbers as strings, one
 * message where a list is expected, null as absent.
 *
 * @throws GeminiError 400 that names every unknown field and every value of a wrong type.
 */
export function parseMessage<T>(message: MessageName, json: unknown): T {
  const violations: FieldViolation[] = [];
  const parsed = readMessage(message, json, '', violations);
  if (violations.length > 0) throw badRequest(violations);
  return parsed as T;
}

function readMessage(message: MessageName, json: unknown, path: string, found: FieldViolation[]): unknown {
  if (!isObject(json)) return wrongType(path, message, json, found);
  const fields: Readonly<Record<string, string>> = MESSAGES[message];
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(json)) {
    const type = fields[camel(name)];
    if (type === undefined) {
      found.push(unknownField(name, path));
    } else if (value !== null) {
      result[camel(name)] = readValue(
        type,
        value,
        path === '' ? snake(camel(name)) : `${path}.${snake(camel(name))}`,
        found,
      );
    }
  }
  return result;
}

function unknownField(name: string, path: string): FieldViolation {
  const where = path === '' ? '' : ` at '${path}'`;
  const description = `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`;
  return path === '' ? { description } : { field: path, description };
}

function wrongType(path: string, typeName: string, value: unknown, found: FieldViolation[]): undefined {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? String(value);
  const where = path === '' ? '' : ` at '${path}'`;
  found.push({
    ...(path === '' ? {} : { field: path }),
    description: `Invalid value${where} (${typeName}), ${shown}`,
  });
  return undefined;
}

function readValue(type: string, value: unknown, path: string, found: FieldViolation[]): unknown {
  if (type.startsWith('[')) return readList(type.slice(1, -1), value, path, found);
  if (type.startsWith('{')) return readMap(type.slice(1, -1), value, path, found);
  if (type.startsWith('enum:')) return readEnum(type.slice(5), value, path, found);
  if (isMessage(type)) return readMessage(type, value, path, found);
  return readScalar(type, value, path, found);
}

function readList(type: string, value: unknown, path: string, found: FieldViolation[]): unknown[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item, index) => readValue(type, item, `${path}[${index}]`, found));
}

function readMap(type: string, value: unknown, path: string, found: FieldViolation[]): unknown {
  if (!isObject(value)) return wrongType(path, 'Map', value, found);
  const entries = Object.entries(value).map(
    ([key, item], index) => [key, readValue(type, item, `${path}[${index}].value`, found)] as const,
  );
  return Object.fromEntries(entries);
}

function readEnum(name: string, value: unknown, path: string, found: FieldViolation[]): unknown {
  const known = ENUMS[name];
  const upper = typeof value === 'string' ? value.toUpperCase() : '';
  if (known?.values.includes(upper)) return upper;
  return wrongType(path, known?.typeName ?? name, value, found);
}

function readScalar(type: string, value: unknown, path: string, found: FieldViolation[]): unknown {
  switch (type) {
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? value : wrongType(path, `TYPE_${type.toUpperCase()}`, value, found);
    case 'bool':
      return typeof value === 'boolean' ? value : wrongType(path, 'TYPE_BOOL', value, found);
    case 'int32':
      return Number.isInteger(asNumber(value))
        ? asNumber(value)
        : wrongType(path, 'TYPE_INT32', value, found);
    case 'float':
      return Number.isFinite(asNumber(value)) ? asNumber(value) : wrongType(path, 'TYPE_FLOAT', value, found);
    default:
      return value;
  }
}

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
