import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import protobuf from 'protobufjs';

/**
 * Shapes of google.firestore.v1 as proto-loader hands them over: camelCase, enums and 64-bit integers as
 * strings, unset fields absent. https://github.com/googleapis/googleapis/tree/master/google/firestore/v1
 */
interface WireTimestamp {
  seconds?: string | number;
  nanos?: number;
}
export interface WireValue {
  nullValue?: string;
  booleanValue?: boolean;
  integerValue?: string;
  doubleValue?: number;
  timestampValue?: WireTimestamp;
  stringValue?: string;
  bytesValue?: Uint8Array;
  referenceValue?: string;
  geoPointValue?: { latitude?: number; longitude?: number };
  arrayValue?: { values?: WireValue[] };
  mapValue?: { fields?: Record<string, WireValue> };
}
export interface WireDocument {
  name: string;
  fields?: Record<string, WireValue>;
  createTime?: WireTimestamp;
  updateTime?: WireTimestamp;
}
export interface WireExplainOptions {
  analyze?: boolean;
}
export interface WireMask {
  fieldPaths?: string[];
}
export interface WirePrecondition {
  exists?: boolean;
  updateTime?: WireTimestamp;
}
export interface WireTransform {
  fieldPath: string;
  setToServerValue?: string;
  increment?: WireValue;
  maximum?: WireValue;
  minimum?: WireValue;
  appendMissingElements?: { values?: WireValue[] };
  removeAllFromArray?: { values?: WireValue[] };
}
export interface WireWrite {
  update?: WireDocument;
  delete?: string;
  transform?: { document: string; fieldTransforms?: WireTransform[] };
  updateMask?: WireMask;
  updateTransforms?: WireTransform[];
  currentDocument?: WirePrecondition;
}
export interface WireWriteResult {
  updateTime?: WireTimestamp;
  transformResults?: WireValue[];
}
export interface WireTransactionOptions {
  readOnly?: { readTime?: WireTimestamp };
  readWrite?: { retryTransaction?: Uint8Array };
}
/** Which state a read sees: at most one of the three is set. */
export interface WireConsistency {
  transaction?: Uint8Array;
  newTransaction?: WireTransactionOptions;
  readTime?: WireTimestamp;
}

interface FieldReference {
  fieldPath: string;
}
export interface WireFilter {
  compositeFilter?: { op?: string; filters?: WireFilter[] };
  fieldFilter?: { field: FieldReference; op: string; value: WireValue };
  unaryFilter?: { op: string; field: FieldReference };
}
export interface WireCursor {
  values?: WireValue[];
  before?: boolean;
}
export interface WireQuery {
  select?: { fields?: FieldReference[] };
  from?: { collectionId?: string; allDescendants?: boolean }[];
  where?: WireFilter;
  orderBy?: { field: FieldReference; direction?: string }[];
  startAt?: WireCursor;
  endAt?: WireCursor;
  offset?: number;
  limit?: { value?: number };
  findNearest?: unknown;
}
export interface WireAggregation {
  alias?: string;
  count?: { upTo?: { value?: string } };
  sum?: { field: FieldReference };
  avg?: { field: FieldReference };
}
export interface WireTarget {
  targetId?: number;
  once?: boolean;
  resumeToken?: Uint8Array;
  query?: { parent: string; structuredQuery?: WireQuery };
  documents?: { documents?: string[] };
}

/** Microseconds since 1970, the precision Firestore keeps. Fits a double until the year 2255. */
export function toWireTime(micros: number): WireTimestamp {
  const seconds = Math.floor(micros / 1e6);
  return { seconds, nanos: (micros - seconds * 1e6) * 1000 };
}

export function fromWireTime(time: WireTimestamp): number {
  return Number(time.seconds ?? 0) * 1e6 + Math.floor((time.nanos ?? 0) / 1000);
}

/** The service of the client's own v1.json: it parses in a third of the time of firestore-api's protos.json. */
export function loadFirestoreService(): { grpc: ServiceDefinition; service: protobuf.Service } {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@google-cloud/firestore/package.json'));
  const json: unknown = JSON.parse(readFileSync(join(folder, 'build/protos/v1.json'), 'utf8'));
  const definitions = fromJSON(json as Parameters<typeof fromJSON>[0], { longs: String, enums: String });
  return {
    grpc: definitions['google.firestore.v1.Firestore'] as ServiceDefinition,
    service: protobuf.Root.fromJSON(json as protobuf.INamespace).lookupService(
      'google.firestore.v1.Firestore',
    ),
  };
}
