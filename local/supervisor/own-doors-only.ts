import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { turnedAway } from '../own-doors.ts';

/**
 * Preload (`--import`) of function processes that have no doors of their own: in the cloud the platform lets in only
 * Pub/Sub and the scheduler, and here nobody stands before them.
 */
type Emit = (this: Server, event: string | symbol, ...args: unknown[]) => boolean;

const emit = Server.prototype.emit as Emit;

Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
  const [request, response] = args as [IncomingMessage, ServerResponse];
  if (event === 'request' && turnedAway(request, response)) return true;
  return emit.call(this, event, ...args);
};
