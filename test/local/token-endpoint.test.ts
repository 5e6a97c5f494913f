import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signJwt, verifyJwt } from '../../local/credentials/jwt.ts';
import {
  ensureServiceAccount,
  type ServiceAccount,
  writeServiceAccount,
} from '../../local/credentials/service-account.ts';
import { startTokenServer, type TokenServer } from '../../local/credentials/token-server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const now = () => Math.floor(Date.now() / 1000);

describe('the token endpoint of the local cloud', () => {
  let folder: string;
  let account: ServiceAccount;
  let server: TokenServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokens-'));
    account = await ensureServiceAccount(join(folder, 'account.json'));
    server = await startTokenServer(account);
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = async (claims: object, key = account.privateKey) => {
    const all = { iss: account.email, aud: server.tokenUri, iat: now(), exp: now() + 600, ...claims };
    const body = new URLSearchParams({ grant_type: GRANT, assertion: signJwt(all, key) });
    const response = await fetch(server.tokenUri, { method: 'POST', body });
    return { status: response.status, json: (await response.json()) as Record<string, string> };
  };

  it('gives the service account an access token', async () => {
    const { status, json } = await ask({ scope: 'https://www.googleapis.com/auth/devstorage.read_write' });
    expect({ status, ...json }).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 3600 });
    expect(verifyJwt(json['access_token'] ?? '', account.publicKey)).toMatchObject({ sub: account.email });
  });

  it('gives an identity token where an audience is named', async () => {
    const { json } = await ask({ target_audience: 'https://api.example' });
    expect(verifyJwt(json['id_token'] ?? '', account.publicKey)).toMatchObject({
      aud: 'https://api.example',
    });
  });

  it("takes the audience that Google's Python client names", async () => {
    expect((await ask({ aud: 'https://oauth2.googleapis.com/token' })).status).toBe(200);
  });

  it.each([
    ['another issuer', { iss: 'somebody@else' }],
    ['another audience', { aud: 'https://elsewhere' }],
    ['an assertion that is over', { iat: now() - 7200, exp: now() - 3600 }],
    ['an assertion of tomorrow', { iat: now() + 86_400, exp: now() + 90_000 }],
  ])('refuses %s', async (_what, claims) => {
    expect(await ask(claims)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  });

  it('refuses what another key has signed', async () => {
    const other = await ensureServiceAccount(join(folder, 'other.json'));
    const { status, json } = await ask({}, other.privateKey);
    expect({ status, error: json['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
    expect(json['error_description']).toContain('service-account.json');
  });

  it('turns web pages away', async () => {
    const headers = { origin: 'https://example.com' };
    expect((await fetch(server.tokenUri, { method: 'POST', headers })).status).toBe(403);
  });

  it('keeps the key over a restart, though the address of the tokens may be another', async () => {
    const path = join(folder, 'kept.json');
    await writeServiceAccount(path, account, 'http://127.0.0.1:1/token');
    const again = await ensureServiceAccount(path);
    await writeServiceAccount(path, again, server.tokenUri);
    const file = JSON.parse(await readFile(path, 'utf8')) as { token_uri: string; private_key: string };
    expect(file).toMatchObject({ token_uri: server.tokenUri, private_key: account.privateKey });
  });
});
