import { createSign, createVerify } from 'node:crypto';

export type Claims = Record<string, unknown>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RS256, as Google's service accounts sign. https://www.rfc-editor.org/rfc/rfc7515 */
export function signJwt(claims: Claims, privateKeyPem: string): string {
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'local' })}.${encode(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKeyPem, 'base64url')}`;
}

/** The claims of a token that the key has signed; undefined for any other. Times are the caller's to check. */
export function verifyJwt(token: string, publicKeyPem: string): Claims | undefined {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || decode(header)?.['alg'] !== 'RS256') return undefined;
  const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  return verifier.verify(publicKeyPem, signature, 'base64url') ? decode(payload) : undefined;
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
