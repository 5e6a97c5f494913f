import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWebhookSecret } from '../../local/webhook-secret.ts';
import { sign } from '../../shared/results/webhooks/signature.ts';
import { picture } from '../support/pipeline.ts';
import { type CliCloud, jsonLines, type Running, runCommand, startCliCloud, until } from './command-line.ts';

const OTHER_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

let cli: CliCloud;
let secret: string;
let listening: Running | undefined;

beforeAll(async () => {
  cli = await startCliCloud({ functions: ['resize-image', 'analyze-image', 'webhook'] });
  secret = (await readWebhookSecret(cli.dataDir)) ?? '';
});
afterEach(() => listening?.process.kill('SIGKILL'));
afterAll(() => cli.close());

/** Resolves with its address. */
async function listen(args: readonly string[] = [], env: Record<string, string> = {}) {
  const started = cli.start(['webhook', 'listen', '--port', '0', ...args], { env });
  listening = started;
  await until(() => started.stderr().includes('Ctrl-C ends it.'));
  return { started, url: /http:\/\/127\.0\.0\.1:\d+\//.exec(started.stderr())?.[0] ?? '' };
}

const post = (url: string, headers: Record<string, string>, body: string) =>
  fetch(url, { method: 'POST', headers, body });

const event = (body: string, key = secret, nowMs = Date.now()) => ({ ...sign(key, 'event-1', body, nowMs) });

describe('pipeline webhook listen', () => {
  it('prints a line for each result of the pipeline, and ends by Ctrl-C', async () => {
    const { started, url } = await listen();
    expect(started.stderr()).toContain(`pipeline upload PICTURE --webhook ${url}`);
    await writeFile(join(cli.photos, 'told.jpg'), await picture(1));
    const sent = await cli.run(['upload', 'told.jpg', '--webhook', url]);
    expect(sent).toMatchObject({ code: 0 });
    await until(() => started.stdout().includes('\n'));
    expect(started.stdout()).toMatch(/^\d\d:\d\d:\d\d {2}✓ completed {2}told\.jpg +A plain area of color/);
    started.process.kill('SIGINT');
    expect((await started.ended).code).toBe(0);
  });

  it('--json prints what was sent', async () => {
    const { started, url } = await listen(['--json']);
    await cli.upload('describe/json.jpg', await picture(2), { webhook: url });
    await until(() => started.stdout().includes('\n'));
    expect(jsonLines(started.stdout())).toMatchObject([
      { type: 'result.completed', isRepeated: false, data: { source: { name: 'describe/json.jpg' } } },
    ]);
  });

  it('says that an event is sent again', async () => {
    const { started, url } = await listen();
    const body = JSON.stringify({ type: 'result.completed' });
    expect((await post(url, event(body), body)).status).toBe(204);
    expect((await post(url, event(body), body)).status).toBe(204);
    await until(() => started.stdout().includes('(sent again)'));
  });

  it.each([
    [
      'another secret',
      OTHER_SECRET,
      'WEBHOOK_SECRET',
      'that of the local cloud, not the one from WEBHOOK_SECRET',
    ],
    [
      'the secret of the local cloud',
      undefined,
      'the local cloud',
      'signed with another secret than the one from the local cloud',
    ],
  ])('with %s says that the secret is another one', async (_which, given, from, why) => {
    const { started, url } = await listen([], given === undefined ? {} : { WEBHOOK_SECRET: given });
    expect(started.stderr()).toContain(`with the secret from ${from}.`);
    const response = await post(url, event('{}', given === undefined ? OTHER_SECRET : secret), '{}');
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining(why)]);
    expect(started.stderr()).toContain(why);
    expect(started.stdout()).toBe('');
  });

  it.each([
    ['too old', () => event('{}', secret, Date.now() - 600_000), '{}', 'too old: it was signed 10 min'],
    ['of the future', () => event('{}', secret, Date.now() + 600_000), '{}', 'ahead of the clock'],
    ['respelled', () => event('{"a":1}'), '{ "a": 1 }', 'spelled otherwise than it was signed'],
    ['unsigned', () => ({}), '{}', 'no header webhook-id'],
  ])('refuses what is %s, and says so', async (_kind, headers, body, why) => {
    const { url } = await listen(['--secret', secret]);
    const response = await post(url, headers(), body);
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining(why)]);
  });

  it('tells a changed body from another secret once the secret has fitted', async () => {
    const { url } = await listen();
    await post(url, event('{"a":1}'), '{"a":1}');
    const response = await post(url, event('{"a":1}'), '{"a":2}');
    expect(await response.text()).toContain('was changed after it was signed');
  });

  it('refuses a secret that is none, a port in use, and anything but POST', async () => {
    expect(await cli.run(['webhook', 'listen', '--secret', 'abc'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no secret of Standard Webhooks'),
    });
    const { url } = await listen();
    expect(await cli.run(['webhook', 'listen', '--port', new URL(url).port])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in use'),
    });
    expect((await fetch(url)).status).toBe(405);
  });

  it('says where a deployment keeps its secret', async () => {
    const args = ['--project', 'p', '--bucket', 'b', 'webhook', 'listen'];
    expect(await runCommand(args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('gcloud secrets versions access'),
    });
  });
});

describe('pipeline upload --webhook', () => {
  it.each([
    ['http://example.com/', 'it does not begin with https://'],
    ['https://10.0.0.1/', 'it leads into a private network'],
  ])('refuses %s before anything is sent', async (url, why) => {
    await writeFile(join(cli.photos, 'kept.jpg'), await picture(3));
    expect(await cli.run(['upload', 'kept.jpg', '--webhook', url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(why),
    });
  });
});
