import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A service account whose tokens are signed on this machine: outside Google's own universe the auth library makes them
 * itself and asks no server (https://github.com/googleapis/google-auth-library-nodejs, `useSelfSignedJWT`).
 */
export async function selfSignedAccount(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'account-'));
  const path = join(folder, 'account.json');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const account = {
    type: 'service_account',
    project_id: 'local',
    private_key_id: 'test',
    private_key: privateKey,
    client_email: 'analyze@local.iam.gserviceaccount.com',
    client_id: '1',
    universe_domain: 'local.test',
  };
  await writeFile(path, JSON.stringify(account));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
