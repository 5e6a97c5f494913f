import { isUtf8 } from 'node:buffer';
import type { ServiceDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { invalidArgument, RpcError } from './status.ts';

/**
 * Reads a message as Google's parsers of proto3 do: a string that is not UTF-8 makes the whole message invalid, where
 * protobufjs would put U+FFFD in its place. Half a surrogate pair in a short text arrives like that.
 */
class StrictReader extends protobuf.BufferReader {
  override string(): string {
    const start = this.pos;
    const text = super.string();
    if (!text.includes('\uFFFD')) return text;
    // Sent as such, or put there for bytes that are no text.
    this.pos = start;
    if (isUtf8(this.bytes())) return text;
    throw invalidArgument(
      `The text "${text.slice(0, 80)}" is not valid UTF-8: half of a surrogate pair, perhaps.`,
    );
  }
}

/** What stands for a request that cannot be read; grpc-js would tell INTERNAL of an error thrown while it decodes. */
type Unreadable = RpcError;

export const isUnreadable = (request: unknown): request is Unreadable => request instanceof RpcError;

/** The service with requests that are checked while they are read. */
export function readStrictly(service: ServiceDefinition): ServiceDefinition {
  const strict = Object.entries(service).map(([name, method]) => {
    const decode = method.requestDeserialize as (input: Buffer | protobuf.Reader) => object;
    const requestDeserialize = (bytes: Buffer): object => {
      try {
        return decode(new StrictReader(bytes));
      } catch (error) {
        return error instanceof RpcError
          ? error
          : invalidArgument(`The request cannot be read: ${String(error)}`);
      }
    };
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(strict) as ServiceDefinition;
}
