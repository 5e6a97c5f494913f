import { generateKeyPair } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const accountFile = z.object({ private_key: z.string(), client_email: z.string() });

/**
 * The service account of the local cloud, made at the first start: the real clients sign URLs with its key.
 * It opens nothing but this machine's own servers.
 */
export async function ensureServiceAccount(path: string): Promise<{ path: string; privateKey: string }> {
  const existing = await readFile(path, 'utf8').catch(() => undefined);
  const parsed = accountFile.safeParse(parse(existing));
  if (parsed.success) return { path, privateKey: parsed.data.private_key };

  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const account = {
    type: 'service_account',
    project_id: 'local',
    private_key_id: 'local',
    private_key: privateKey,
    client_email: 'pipeline@local.iam.gserviceaccount.com',
    client_id: '1',
    token_uri: 'http://127.0.0.1:9/token',
  };
  await writeFile(path, JSON.stringify(account), { mode: 0o600 });
  return { path, privateKey };
}

function parse(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    // A file torn by a crash at the first start: it is made again.
    return undefined;
  }
}
