import { Server } from 'node:net';

/**
 * Preload (`--import`) that makes every TCP server of the process listen on 127.0.0.1, whatever it asks for: the
 * functions-framework CLI has no option for an address and listens on all of them.
 */
const LOOPBACK = '127.0.0.1';

type Listen = (...args: unknown[]) => Server;

const listenAnywhere = Server.prototype.listen as Listen;

const isPort = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'function' || /^\d+$/.test(String(value));

const isPortOptions = (value: unknown): value is { port: unknown } =>
  typeof value === 'object' && value !== null && 'port' in value;

Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [first] = args;
  const callback = args.filter((arg) => typeof arg === 'function');
  if (isPortOptions(first)) return listenAnywhere.call(this, { ...first, host: LOOPBACK }, ...callback);
  if (isPort(first)) {
    const port = typeof first === 'function' ? 0 : Number(first ?? 0);
    return listenAnywhere.call(this, { port, host: LOOPBACK }, ...callback);
  }
  return listenAnywhere.apply(this, args);
} as Server['listen'];
