import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { turnedAway } from '../own-doors.ts';
import { type Claims, signJwt, verifyJwt } from './jwt.ts';
import type { ServiceAccount } from './service-account.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Python's client names it, whatever the credentials file says. */
const GOOGLES_AUDIENCE = 'https://oauth2.googleapis.com/token';
const LIFETIME_S = 3600;
/** Clocks of one machine agree; those of a container on it may lag. Seconds. */
const LEEWAY_S = 300;
const MAX_BODY_BYTES = 64 * 1024;

export interface TokenServer {
  /** What a credentials file names as its `token_uri`. */
  tokenUri: string;
  port: number;
  close(): Promise<void>;
}

/** A refusal as OAuth words it: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Google's token endpoint for the one service account of this machine: exchanges an assertion that its key has signed
 * for an access token, or for an identity token where an audience is named.
 * https://developers.google.com/identity/protocols/oauth2/service-account
 */
export async function startTokenServer(account: ServiceAccount, port = 0): Promise<TokenServer> {
  let tokenUri = '';
  const server = createServer(async (request, response) => {
    if (turnedAway(request, response)) return;
    const send = (status: number, body: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'no-store' })
        .end(JSON.stringify(body));
    try {
      send(200, await grant(request, account, tokenUri));
    } catch (error) {
      const { code, message } =
        error instanceof Refusal ? error : new Refusal('invalid_request', String(error));
      send(400, { error: code, error_description: message });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  tokenUri = `http://127.0.0.1:${bound}/token`;
  return {
    tokenUri,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function grant(request: IncomingMessage, account: ServiceAccount, tokenUri: string): Promise<object> {
  if (request.method !== 'POST') throw new Refusal('invalid_request', 'Ask for a token with POST.');
  const form = new URLSearchParams(await bodyOf(request));
  if (form.get('grant_type') !== GRANT) {
    throw new Refusal('unsupported_grant_type', `Only ${GRANT} is known here.`);
  }
  const claims = verifyJwt(form.get('assertion') ?? '', account.publicKey);
  if (!claims) {
    const hint = 'Use the service-account.json in the data folder of this local cloud.';
    throw new Refusal(
      'invalid_grant',
      `The assertion is not signed by this machine's service account. ${hint}`,
    );
  }
  checkClaims(claims, account, tokenUri);
  const now = Math.floor(Date.now() / 1000);
  const audience = claims['target_audience'];
  const common = { iss: 'https://accounts.google.com', sub: account.email, iat: now, exp: now + LIFETIME_S };
  if (typeof audience === 'string') {
    const identity = {
      ...common,
      aud: audience,
      azp: account.email,
      email: account.email,
      email_verified: true,
    };
    return { id_token: signJwt(identity, account.privateKey) };
  }
  const accessToken = signJwt({ ...common, scope: claims['scope'] ?? '' }, account.privateKey);
  return { access_token: accessToken, expires_in: LIFETIME_S, token_type: 'Bearer' };
}

function checkClaims(claims: Claims, account: ServiceAccount, tokenUri: string): void {
  const now = Date.now() / 1000;
  if (claims['iss'] !== account.email) {
    throw new Refusal('invalid_grant', `The issuer must be ${account.email}.`);
  }
  if (claims['aud'] !== tokenUri && claims['aud'] !== GOOGLES_AUDIENCE) {
    throw new Refusal('invalid_grant', `The audience must be ${tokenUri}.`);
  }
  if (!(Number(claims['exp']) > now - LEEWAY_S) || !(Number(claims['iat']) < now + LEEWAY_S)) {
    throw new Refusal(
      'invalid_grant',
      'The assertion is not of this time: look at the clock of the machine.',
    );
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal('invalid_request', 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
