import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSecret } from '../shared/results/webhooks/signature.ts';

const pathIn = (dataDir: string): string => join(dataDir, 'webhook-secret');

/** The secret that the webhooks of a local cloud are signed with, unless its shell named another one; undefined before its first start. */
export async function readWebhookSecret(dataDir: string): Promise<string | undefined> {
  const text = (await readFile(pathIn(dataDir), 'utf8').catch(() => '')).trim();
  return isSecret(text) ? text : undefined;
}

/** Made at the first start. */
export async function ensureWebhookSecret(dataDir: string): Promise<string> {
  const existing = await readWebhookSecret(dataDir);
  if (existing !== undefined) return existing;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  await writeFile(pathIn(dataDir), `${secret}\n`, { mode: 0o600 });
  return secret;
}
