const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Asked {
  method?: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** `example.org` of `Example.org:8080`; the port may be any. */
const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/**
 * Whether a request is addressed to one of these names. A page that points its own name at this machine (DNS
 * rebinding) is recognized by the name that it still sends.
 */
export function isAddressedTo({ headers: { host } }: Asked, names: readonly string[]): boolean {
  return typeof host === 'string' && names.includes(nameOf(host));
}

/** Whether a request changes something and comes from a page of another site; programs send no Origin. */
export function isFromElsewhere({ method = 'GET', headers }: Asked, allowed: readonly string[]): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const { origin, host } = headers;
  if (typeof origin === 'string' && (allowed.includes(origin) || allowed.includes('*'))) return false;
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return origin !== undefined && hostOf(origin) !== host;
}

const hostOf = (origin: string | string[]): string | undefined =>
  typeof origin === 'string' && URL.canParse(origin) ? new URL(origin).host : undefined;
