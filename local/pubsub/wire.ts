import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import protobuf from 'protobufjs';

/**
 * Shapes of google.pubsub.v1 as proto-loader hands them over: camelCase, enums and 64-bit integers as strings, unset
 * fields absent. https://github.com/googleapis/googleapis/tree/master/google/pubsub/v1
 */
export interface WireDuration {
  seconds?: string | number;
  nanos?: number;
}
export interface WireMessage {
  data?: Uint8Array;
  attributes?: Record<string, string>;
  messageId?: string;
  publishTime?: WireDuration;
  orderingKey?: string;
}
export interface WireTopic {
  name: string;
  [setting: string]: unknown;
}
export interface WireSubscription {
  name: string;
  topic?: string;
  pushConfig?: { pushEndpoint?: string; [setting: string]: unknown };
  ackDeadlineSeconds?: number;
  retainAckedMessages?: boolean;
  messageRetentionDuration?: WireDuration;
  labels?: Record<string, string>;
  enableMessageOrdering?: boolean;
  deadLetterPolicy?: { deadLetterTopic?: string; maxDeliveryAttempts?: number };
  retryPolicy?: { minimumBackoff?: WireDuration; maximumBackoff?: WireDuration };
  [setting: string]: unknown;
}

const NAMES = ['google.pubsub.v1.Publisher', 'google.pubsub.v1.Subscriber'] as const;

/** The two services, from the protos that Google's own client brings along. */
export function loadPubSubServices(): { grpc: ServiceDefinition[]; services: protobuf.Service[] } {
  const require = createRequire(createRequire(import.meta.url).resolve('@google-cloud/pubsub'));
  const path = require.resolve('@google-cloud/pubsub-api/build/protos/protos.json');
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const definitions = fromJSON(json as Parameters<typeof fromJSON>[0], { longs: String, enums: String });
  const root = protobuf.Root.fromJSON(json as protobuf.INamespace);
  return {
    grpc: NAMES.map((name) => definitions[name] as ServiceDefinition),
    services: NAMES.map((name) => root.lookupService(name)),
  };
}

export const msOf = ({ seconds = 0, nanos = 0 }: WireDuration): number =>
  Number(seconds) * 1000 + nanos / 1e6;

/** Of a duration, or of a time since 1970. */
export function wireMs(ms: number): WireDuration {
  const seconds = Math.floor(ms / 1000);
  return { seconds: String(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}
