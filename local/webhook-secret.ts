import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isSecret } from '../shared/results/webhooks/signature.ts';

/** The secret that this local cloud's webhooks are signed with, made at the first start. */
export async function ensureWebhookSecret(path: string): Promise<string> {
  const existing = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (isSecret(existing)) return existing;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}
