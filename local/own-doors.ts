import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAddressedTo, isFromElsewhere } from '../shared/base/framework/own-address.ts';
import { LOOPBACK_NAMES } from '../shared/base/loopback.ts';

/**
 * Turns away what a web page sends to a server of this machine: programs name it by a loopback name and send no Origin.
 * `origins`: of pages that may change something all the same. True when the request has been answered.
 */
export function turnedAway(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[] = [],
): boolean {
  if (!isAddressedTo(request, LOOPBACK_NAMES)) {
    const names = LOOPBACK_NAMES.join(', ');
    return refuse(request, response, 421, `This server goes by ${names} only. Use one of these names.`);
  }
  if (isFromElsewhere(request, origins)) {
    const what = 'Pages of other sites may not change anything here. Send it from a program without Origin.';
    return refuse(request, response, 403, what);
  }
  return false;
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): true {
  const body = JSON.stringify({ error: { code: status, message, status: 'PERMISSION_DENIED' } });
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=UTF-8',
    'Content-Length': Buffer.byteLength(body),
    // The rest of its body is not wanted.
    Connection: 'close',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
  return true;
}
