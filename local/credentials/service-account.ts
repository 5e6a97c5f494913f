import { createPublicKey, generateKeyPair } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const accountFile = z.object({ private_key: z.string(), client_email: z.string() });

export interface ServiceAccount {
  email: string;
  /** PEM. */
  privateKey: string;
  publicKey: string;
}

/** Opens nothing but this machine's own servers. */
const EMAIL = 'pipeline@local.iam.gserviceaccount.com';

/**
 * The service account of the local cloud, made at the first start and kept: the real clients sign URLs with its key,
 * and ask for tokens with it.
 */
export async function ensureServiceAccount(path: string): Promise<ServiceAccount> {
  const existing = await readFile(path, 'utf8').catch(() => undefined);
  const parsed = accountFile.safeParse(parse(existing));
  const privateKey = parsed.success ? parsed.data.private_key : await newKey();
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { email: EMAIL, privateKey, publicKey };
}

/** What GOOGLE_APPLICATION_CREDENTIALS names. Written at every start, because the address of the tokens may be another. */
export async function writeServiceAccount(
  path: string,
  account: ServiceAccount,
  tokenUri: string,
): Promise<void> {
  const file = {
    type: 'service_account',
    project_id: 'local',
    private_key_id: 'local',
    private_key: account.privateKey,
    client_email: account.email,
    client_id: '1',
    token_uri: tokenUri,
  };
  // A client that starts at this moment reads the old file or the new one, never half of it.
  await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function newKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

function parse(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    // A file torn by a crash at the first start: it is made again.
    return undefined;
  }
}
