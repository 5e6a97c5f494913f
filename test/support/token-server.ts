import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Credentials that Google's auth library exchanges for access tokens at a server of this machine. */
export interface TokenServer {
  /** For GOOGLE_APPLICATION_CREDENTIALS. */
  credentials: string;
  /** The token it gives out. */
  token: string;
  /** Tokens given out so far. */
  issued(): number;
  /** From now on answers with this HTTP status; 200 gives out tokens. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** Workload identity federation with a token file (https://google.aip.dev/auth/4117). */
export async function startTokenServer(): Promise<TokenServer> {
  const token = 'ya29.a-token-of-this-machine';
  let status = 200;
  let issued = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (status === 200) issued += 1;
    const body =
      status === 200
        ? {
            access_token: token,
            issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            token_type: 'Bearer',
            expires_in: 3600,
          }
        : { error: 'invalid_grant', error_description: 'The subject token subject-secret is not valid.' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  const subject = join(folder, 'subject-token');
  await writeFile(subject, 'subject-secret');
  const credentials = join(folder, 'credentials.json');
  await writeFile(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://127.0.0.1:${port}/token`,
      credential_source: { file: subject },
    }),
  );
  return {
    credentials,
    token,
    issued: () => issued,
    answer: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
