import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from './address.ts';
import { GeminiError, invalidArgument, poolExhausted } from './errors.ts';

/** How a call is served; the price follows from it. */
const SERVICE_TIERS = ['standard', 'flex', 'priority'] as const;
/** `batch` is asked for by making a batch job. */
export type ServiceTier = (typeof SERVICE_TIERS)[number] | 'batch';

interface TieredCall {
  api: ApiName;
  /** `projects/P/locations/L/publishers/google` of Vertex AI. */
  publisher?: string | undefined;
  headers: IncomingHttpHeaders;
}

/**
 * The tier that a call asks for: the Developer API reads it from the body, in lower or, as in older samples, upper case;
 * Vertex AI from a header, and at its global endpoint only: a regional one ignores it without a word, and any ignores
 * the body's.
 */
export function askedTier(call: TieredCall, serviceTier: string | undefined): ServiceTier {
  const named = call.api === 'vertex' ? tierInHeader(call) : serviceTier;
  const name = named?.toLowerCase().replace(/^service_tier_/, '') ?? 'standard';
  if (name === '' || name === 'unspecified') return 'standard';
  const tier = SERVICE_TIERS.find((one) => one === name);
  if (tier) return tier;
  throw invalidArgument(`Invalid value at 'service_tier' (${named}).`);
}

function tierInHeader({ publisher, headers }: TieredCall): string | undefined {
  const header = headers['x-vertex-ai-llm-shared-request-type'];
  return publisher?.includes('/locations/global/') && typeof header === 'string' ? header : undefined;
}

/** What flex calls get when capacity is short: no body of details, no time to wait. */
export const shed = (api: ApiName): GeminiError =>
  api === 'vertex'
    ? poolExhausted()
    : new GeminiError(
        503,
        'UNAVAILABLE',
        'This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.',
      );

const TRAFFIC: Readonly<Record<ServiceTier, string>> = {
  standard: 'ON_DEMAND',
  flex: 'ON_DEMAND_FLEX',
  priority: 'ON_DEMAND_PRIORITY',
  batch: 'ON_DEMAND',
};

/** How a reply says which tier served it: in its usage, and with the Developer API in a header as well. */
export const servedBy = (
  api: ApiName,
  tier: ServiceTier,
): { usage: { trafficType?: string; serviceTier?: string }; headers: Record<string, string> } => {
  // Recorded answers of batches say nothing of it.
  if (tier === 'batch') return { usage: {}, headers: {} };
  return api === 'vertex'
    ? { usage: { trafficType: TRAFFIC[tier] }, headers: {} }
    : { usage: { serviceTier: tier }, headers: { 'x-gemini-service-tier': tier } };
};

/** How long the server is asked to try, in milliseconds; Infinity where the call does not say. */
export function serverTimeoutMs(headers: IncomingHttpHeaders): number {
  const seconds = Number(headers['x-server-timeout']);
  return seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
}
