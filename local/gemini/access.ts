import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from './address.ts';
import { keyInvalid, keyMissing, tokenMissing, unauthenticated } from './errors.ts';
import type { Simulation } from './simulation.ts';

/** @throws GeminiError when the key (Developer API) or the token (Vertex AI) is missing or not one that is let in. */
export function checkAccess(
  sim: Simulation,
  api: ApiName,
  headers: IncomingHttpHeaders,
  parameters: URLSearchParams,
): void {
  if (api === 'vertex') checkToken(sim, headers);
  else checkKey(sim, headers, parameters);
}

function checkKey(sim: Simulation, headers: IncomingHttpHeaders, parameters: URLSearchParams): void {
  const key = headers['x-goog-api-key'] ?? parameters.get('key') ?? '';
  if (key === '') throw keyMissing();
  if (sim.apiKeys && !sim.apiKeys.includes(String(key))) throw keyInvalid();
}

function checkToken(sim: Simulation, { authorization = '' }: IncomingHttpHeaders): void {
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
  if (token === undefined) throw tokenMissing();
  if (sim.accessTokens && !sim.accessTokens.includes(token)) throw unauthenticated();
}
