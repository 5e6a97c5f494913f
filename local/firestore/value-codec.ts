import { invalidArgument } from '../rpc/status.ts';
import { checkFieldName, checkVector } from './field-names.ts';
import { GeoPoint, type MapValue, Reference, Timestamp, type Value } from './values.ts';
import type { WireValue } from './wire.ts';

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_DEPTH = 20;

/** `depth` is that of the map's values: 0 for the fields of a document itself. */
export function decodeFields(
  fields: Record<string, WireValue> | undefined,
  depth = 0,
  pathBytes = 0,
): MapValue {
  const map: MapValue = {};
  for (const key in fields) {
    const wire = fields[key];
    if (wire === undefined) continue;
    // A plain object would take "__proto__" as its prototype; Firestore reserves the whole family.
    const keyEnd = checkFieldName(key, pathBytes, depth > 0);
    map[key] = decodeValue(wire, depth, keyEnd);
  }
  if ('__type__' in map) checkVector(map);
  return map;
}

export function decodeValue(wire: WireValue, depth = 0, pathBytes = 0): Value {
  if (wire.stringValue !== undefined) return wire.stringValue;
  if (wire.integerValue !== undefined) return BigInt(wire.integerValue);
  if (wire.doubleValue !== undefined) return wire.doubleValue;
  if (wire.booleanValue !== undefined) return wire.booleanValue;
  if (wire.mapValue !== undefined) return decodeFields(wire.mapValue.fields, deeper(depth), pathBytes + 1);
  if (wire.arrayValue !== undefined) return decodeArray(wire.arrayValue.values, deeper(depth), pathBytes);
  if (wire.timestampValue !== undefined) {
    const { seconds = 0, nanos = 0 } = wire.timestampValue;
    return new Timestamp(Number(seconds), nanos - (nanos % 1000));
  }
  // A copy: the decoder hands out a window on the whole network buffer.
  if (wire.bytesValue !== undefined) return Uint8Array.from(wire.bytesValue);
  if (wire.referenceValue !== undefined) return new Reference(wire.referenceValue);
  if (wire.geoPointValue !== undefined) return decodeGeoPoint(wire.geoPointValue);
  if (wire.nullValue !== undefined) return null;
  throw invalidArgument('A value has no type, or one that only pipelines may use.');
}

function deeper(depth: number): number {
  if (depth >= MAX_DEPTH)
    throw invalidArgument(`Maps and arrays are nested deeper than ${MAX_DEPTH} levels.`);
  return depth + 1;
}

function decodeArray(values: WireValue[] = [], depth: number, pathBytes: number): Value[] {
  return values.map((value) => {
    if (value.arrayValue) throw invalidArgument('Nested arrays are not allowed.');
    return decodeValue(value, depth, pathBytes);
  });
}

function decodeGeoPoint({ latitude = 0, longitude = 0 }: { latitude?: number; longitude?: number }) {
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    throw invalidArgument(`Geo point ${latitude}, ${longitude} lies outside of -90..90, -180..180.`);
  }
  return new GeoPoint(latitude, longitude);
}

export function encodeFields(map: MapValue): Record<string, WireValue> {
  const fields: Record<string, WireValue> = {};
  for (const key in map) fields[key] = encodeValue(map[key] ?? null);
  return fields;
}

export function encodeValue(value: Value): WireValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'bigint':
      return { integerValue: value.toString() };
    case 'number':
      return { doubleValue: value };
    case 'boolean':
      return { booleanValue: value };
  }
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (value instanceof Timestamp) return { timestampValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (value instanceof Reference) return { referenceValue: value.name };
  if (value instanceof GeoPoint) return { geoPointValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  return { mapValue: { fields: encodeFields(value) } };
}
