import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readWebhookSecret } from '../../local/webhook-secret.ts';
import { type Pipeline, picture, startPipeline } from '../support/pipeline.ts';
import type { Toolchain } from './toolchains/toolchain.ts';

const { python, go } = inject('toolchains');
const toolchains: [string, Toolchain, number][] = [
  ['Python', python, 1],
  ['Go', go, 2],
];

let pipeline: Pipeline;
let secret: string;

beforeAll(async () => {
  pipeline = await startPipeline({ functions: ['resize-image', 'analyze-image', 'webhook'] });
  secret = (await readWebhookSecret(pipeline.dataDir)) ?? '';
});
afterAll(() => pipeline.close());

describe.each(toolchains)('the receiver of webhooks in %s of /docs', (language, toolchain, seed) => {
  if (toolchain.kind === 'absent') {
    it.skip(`is left out, because ${language} cannot be run here: ${toolchain.reason}`);
    return;
  }
  if (toolchain.kind === 'broken') {
    it('compiles', () => expect.fail(toolchain.reason));
    return;
  }

  it('takes what the pipeline sends, and nothing forged', async () => {
    const { command, args, env } = toolchain.programs['receiver'] ?? { command: '', args: [] };
    const url = `http://127.0.0.1:${env?.['PORT']}/pictures`;
    const child = spawn(command, args, {
      env: { ...process.env, ...env, PYTHONUNBUFFERED: '1', WEBHOOK_SECRET: secret },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said += text;
      });
    try {
      const forged = () => fetch(url, { method: 'POST', body: '{}' }).catch(() => undefined);
      await expect.poll(async () => (await forged())?.status).toBe(401);
      const name = `describe/told-${seed}.jpg`;
      await pipeline.upload(name, await picture(seed), { webhook: url });
      const isDelivered = (document: Record<string, unknown>) =>
        'deliveredAt' in ((document['webhook'] ?? {}) as object);
      await pipeline.settled(name, isDelivered);
      await expect.poll(() => said).toContain('result.completed');
    } finally {
      child.kill();
    }
  });
});
