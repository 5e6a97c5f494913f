import { spawn } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { RECEIVERS } from '../../functions/api/docs/webhooks.ts';
import { findFreePort } from '../../local/supervisor/free-port.ts';
import { startReceiver } from './receiver.ts';
import { SECRET, useWebhooks } from './use-webhooks.ts';

const { startFunction, folder, receiver, owed, ring, webhookOf } = useWebhooks();

describe('a webhook', () => {
  it.each([
    ['http://localhost/x', 'https://'],
    ['https://127.0.0.1/x', 'private network'],
    ['https://[::1]/x', 'private network'],
    ['https://169.254.169.254/computeMetadata/v1/', 'private network'],
    ['https://2130706433/x', 'private network'],
    ['https://0x7f.1/x', 'private network'],
    ['https://[::ffff:10.0.0.1]/x', 'private network'],
    ['https://user:password@example.com/x', 'password'],
    // A name that is not listed and leads here.
    ['https://localhost.localdomain/x', ''],
    ['https://ip6-localhost/x', ''],
  ])('to %s reaches nobody', async (url, why) => {
    const id = await owed(url);
    await ring(id);
    expect(receiver().deliveries).toEqual([]);
    expect((await webhookOf(id))['failure']).toContain(why);
    expect(await webhookOf(id)).not.toHaveProperty('deliveredAt');
  });

  it.each([
    ['in the cloud, whatever its variables say', { WEBHOOK_LOOPBACK: 'true', K_SERVICE: 'webhook' }],
    ['unless it is a local cloud', {}],
  ])('to an http address of this machine reaches nobody %s', async (where, env) => {
    const plain = await startReceiver();
    const id = await owed(plain.url);
    expect((await ring(id, await startFunction(where, env))).status).toBe(204);
    expect(plain.deliveries).toEqual([]);
    const { failure } = await webhookOf(id);
    expect(failure).toBe('The address is not used: it does not begin with https://.');
    await plain.close();
  });
});

describe('a webhook of a local cloud', () => {
  let localUrl: string;
  beforeAll(async () => {
    localUrl = await startFunction('local', { WEBHOOK_LOOPBACK: 'true' });
  });

  it('reaches an http address of this machine', async () => {
    const plain = await startReceiver();
    const id = await owed(plain.url);
    await ring(id, localUrl);
    expect(plain.deliveries).toHaveLength(1);
    expect(await webhookOf(id)).toHaveProperty('deliveredAt');
    await plain.close();
  });

  it('is taken by the program that the documentation shows, and nothing forged is', async () => {
    const program = join(folder(), 'receiver.mjs');
    await writeFile(program, RECEIVERS.find(([language]) => language === 'Node')?.[2] ?? '');
    await symlink(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(folder(), 'node_modules'),
    );
    const port = await findFreePort();
    const env = { PATH: process.env['PATH'], WEBHOOK_SECRET: SECRET, PORT: String(port) };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text;
    });
    try {
      const url = `http://127.0.0.1:${port}/`;
      const forged = () => fetch(url, { method: 'POST', body: '{}' }).catch(() => undefined);
      await expect.poll(async () => (await forged())?.status).toBe(401);
      const id = await owed(url);
      await ring(id, localUrl);
      expect(await webhookOf(id)).toHaveProperty('deliveredAt');
      await expect.poll(() => said).toBe(`result.completed ${id}\n`);
    } finally {
      child.kill();
    }
  });
});
