import { createHash, createPublicKey, verify } from 'node:crypto';
import { type Call, header } from './call.ts';
import { accessDenied, StorageError } from './errors.ts';

/** https://cloud.google.com/storage/docs/authentication/canonical-requests */
const ALGORITHM = 'GOOG4-RSA-SHA256';
const MAX_EXPIRES_S = 7 * 24 * 60 * 60;
/** A signer's clock may be this far ahead. */
const CLOCK_SKEW_MS = 15 * 60 * 1000;

interface Signature {
  date: string;
  scope: string;
  signedHeaders: string[];
  hex: string;
}

export const isSigned = (query: URLSearchParams): boolean =>
  query.has('X-Goog-Signature') || query.has('X-Goog-Algorithm') || query.has('Signature');

/**
 * Lets a V4 signed request pass: well-formed, in its time, with every signed header and no unsigned `x-goog-` one, and,
 * when a key is given, with a signature that this key made.
 * @throws StorageError 400 or 403 in the XML API's shape
 */
export function checkSignedUrl(call: Call, signingKeyPem: string | undefined): void {
  const signature = signatureFrom(call.query);
  checkTime(call.query, signature.date);
  checkHeaders(call, signature.signedHeaders);
  if (signingKeyPem !== undefined) checkSignature(call, signature, signingKeyPem);
}

function signatureFrom(query: URLSearchParams): Signature {
  const malformed = (what: string): StorageError =>
    new StorageError(400, 'invalid', `The signed URL is malformed: ${what}.`, {
      xmlCode: 'AuthenticationRequired',
    });
  if (query.has('Signature')) throw malformed("V2 signatures are not accepted; sign with version: 'v4'");
  if (query.get('X-Goog-Algorithm') !== ALGORITHM) throw malformed(`X-Goog-Algorithm must be ${ALGORITHM}`);
  const date = query.get('X-Goog-Date') ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(date)) throw malformed('X-Goog-Date must look like 20260131T120000Z');
  const [, scope] =
    /^[^/]+\/(\d{8}\/[^/]+\/storage\/goog4_request)$/.exec(query.get('X-Goog-Credential') ?? '') ?? [];
  if (scope === undefined || !scope.startsWith(date.slice(0, 8))) {
    throw malformed('X-Goog-Credential must be EMAIL/DATE/LOCATION/storage/goog4_request');
  }
  const hex = query.get('X-Goog-Signature') ?? '';
  if (!/^([0-9a-f]{2})+$/i.test(hex)) throw malformed('X-Goog-Signature must be hexadecimal');
  const signedHeaders = (query.get('X-Goog-SignedHeaders') ?? '').split(';');
  if (!signedHeaders.includes('host')) throw malformed('X-Goog-SignedHeaders must contain host');
  return { date, scope, signedHeaders, hex };
}

function checkTime(query: URLSearchParams, date: string): void {
  const expires = Number(query.get('X-Goog-Expires'));
  if (!(expires > 0 && expires <= MAX_EXPIRES_S)) {
    throw accessDenied(`X-Goog-Expires must be between 1 and ${MAX_EXPIRES_S} seconds.`);
  }
  const startMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Date.now() < startMs - CLOCK_SKEW_MS) throw accessDenied('The signed URL is not valid yet.');
  if (Date.now() > startMs + expires * 1000) {
    throw new StorageError(400, 'invalid', 'The provided token has expired. Ask for a new URL.', {
      xmlCode: 'ExpiredToken',
    });
  }
}

function checkHeaders(call: Call, signed: string[]): void {
  const missing = signed.filter((name) => header(call.request, name) === undefined);
  if (missing.length > 0)
    throw malformedHeaders(
      `Header was included in signedheaders, but not in the request: ${missing.join(', ')}`,
    );
  const extra = Object.keys(call.request.headers).filter(
    (name) => name.startsWith('x-goog-') && !signed.includes(name),
  );
  if (extra.length > 0)
    throw malformedHeaders(`Headers of the request that are not signed: ${extra.join(', ')}`);
}

const malformedHeaders = (message: string): StorageError =>
  new StorageError(400, 'invalid', message, { xmlCode: 'MalformedSecurityHeader' });

function checkSignature(call: Call, { date, scope, signedHeaders, hex }: Signature, keyPem: string): void {
  const key = createPublicKey(keyPem);
  // The Node client leaves the port out of the host it signs; others sign what they send.
  const host = header(call.request, 'host') ?? '';
  const valid = [host, host.replace(/:\d+$/, '')].some((candidate) => {
    const hash = createHash('sha256')
      .update(canonicalRequest(call, signedHeaders, candidate))
      .digest('hex');
    const signedText = [ALGORITHM, date, scope, hash].join('\n');
    return verify('RSA-SHA256', Buffer.from(signedText), key, Buffer.from(hex, 'hex'));
  });
  if (!valid) {
    throw accessDenied(
      'The request signature does not match: method, path, query or a signed header differs from what was signed.',
      'SignatureDoesNotMatch',
    );
  }
}

function canonicalRequest(call: Call, signedHeaders: string[], host: string): string {
  const headers = signedHeaders.map((name) => {
    const value = name === 'host' ? host : (header(call.request, name) ?? '');
    return `${name}:${value.trim().replace(/\s{2,}/g, ' ')}\n`;
  });
  return [
    call.request.method,
    call.path,
    canonicalQuery(call.query),
    headers.join(''),
    signedHeaders.join(';'),
    header(call.request, 'x-goog-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

// RFC 3986: stricter than encodeURIComponent, which leaves these five alone.
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
