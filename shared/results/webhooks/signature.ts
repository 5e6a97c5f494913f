import { createHmac, timingSafeEqual } from 'node:crypto';

/** The three headers of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks), version 1. */
interface SignatureHeaders {
  'webhook-id': string;
  /** Seconds since 1970. */
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** A delivery that is older or newer than this is no delivery of now. Seconds. */
const TOLERANCE_S = 300;

const SECRET = /^whsec_([A-Za-z0-9+/]{32,120}={0,2})$/;

/** Whether a text is a secret: `whsec_` and at least 24 random bytes in base64. */
export const isSecret = (text: string): boolean => SECRET.test(text);

const keyOf = (secret: string): Buffer => {
  const base64 = SECRET.exec(secret)?.[1];
  if (base64 === undefined) throw new Error('A webhook secret is whsec_ and at least 24 bytes in base64.');
  return Buffer.from(base64, 'base64');
};

const macOf = (secret: string, id: string, timestamp: string, body: string): Buffer =>
  createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest();

/** Signs one attempt at one delivery; the id stays the same for all attempts. */
export function sign(secret: string, id: string, body: string, nowMs: number): SignatureHeaders {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${macOf(secret, id, timestamp, body).toString('base64')}`,
  };
}

/** Names in lower case. */
type DeliveryHeaders = Readonly<Record<string, string | undefined>>;

/** Why a delivery is not to be believed. */
export type SignatureFault =
  | { kind: 'missing'; header: string }
  | { kind: 'odd-timestamp' }
  /** Seconds since it was signed; negative: signed in the future. */
  | { kind: 'not-of-now'; ageS: number }
  /** Made with another secret, or for another id, timestamp or body. */
  | { kind: 'mismatch' };

/**
 * Why it is not sure that the holder of the secret sent exactly this body just now; undefined when it is. Several
 * signatures may be given, for a change of secret.
 */
export function signatureFault(
  secret: string,
  headers: DeliveryHeaders,
  body: string,
  nowMs: number,
): SignatureFault | undefined {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id) return { kind: 'missing', header: 'webhook-id' };
  if (!timestamp) return { kind: 'missing', header: 'webhook-timestamp' };
  if (!signatures) return { kind: 'missing', header: 'webhook-signature' };
  if (!/^\d{1,12}$/.test(timestamp)) return { kind: 'odd-timestamp' };
  const ageS = nowMs / 1000 - Number(timestamp);
  if (Math.abs(ageS) > TOLERANCE_S) return { kind: 'not-of-now', ageS };
  const expected = macOf(secret, id, timestamp, body);
  const fits = signatures
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice(3), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  return fits ? undefined : { kind: 'mismatch' };
}
