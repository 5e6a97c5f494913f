import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readWebhook } from '../../client/webhook.ts';
import { RECEIVERS } from '../../functions/api/docs/webhooks.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { findFreePort } from '../../local/supervisor/free-port.ts';
import { createSupervisor, type Supervisor } from '../../local/supervisor/supervisor.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { LabelKeeper } from '../../shared/results/labels/keep.ts';
import { giveFeedback } from '../../shared/results/verdicts.ts';
import { answered, idNumber, resultAt } from '../api/documents.ts';
import { selfSigned } from '../support/self-signed.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const tls = selfSigned();

let folder: string;
let server: FirestoreServer;
let firestore: Firestore;
let receiver: Receiver;
let supervisor: Supervisor;
let functionUrl: string;
/** Of little patience with receivers. */
let hastyUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  await writeFile(join(folder, 'cert.pem'), tls.cert);
  server = await startFirestoreServer({ port: 0 });
  firestore = new Firestore({
    projectId: 'local',
    host: '127.0.0.1',
    port: server.port,
    ssl: false,
    customHeaders: { Authorization: 'Bearer owner' },
  });
  receiver = await startReceiver(tls);
  supervisor = createSupervisor({});
  functionUrl = await startFunction('webhook', { WEBHOOK_PRIVATE_HOSTS: 'localhost' });
  hastyUrl = await startFunction('hasty', { WEBHOOK_PRIVATE_HOSTS: 'localhost', WEBHOOK_ATTEMPT_MS: '600' });
});

/** Resolves with its URL. */
async function startFunction(name: string, env: Record<string, string>): Promise<string> {
  const port = await findFreePort();
  await supervisor.start({
    kind: 'function',
    name,
    source: fileURLToPath(new URL('../../functions/webhook/index.ts', import.meta.url)),
    target: 'webhook',
    port,
    env: {
      FIRESTORE_EMULATOR_HOST: server.host,
      GOOGLE_CLOUD_PROJECT: 'local',
      METADATA_SERVER_DETECTION: 'none',
      NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
      WEBHOOK_SECRET: SECRET,
      // A machine with other work must not turn a receiver that answers into one that does not.
      WEBHOOK_ATTEMPT_MS: '30000',
      WEBHOOK_FIRST_PAUSE_MS: '50',
      WEBHOOK_MAX_ATTEMPTS: '3',
      ...env,
    },
  });
  return `http://127.0.0.1:${port}`;
}

afterAll(async () => {
  await supervisor.stop();
  await receiver.close();
  await firestore.terminate();
  await server.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  receiver.deliveries.length = 0;
  receiver.answers.splice(0, Number.POSITIVE_INFINITY, 200);
});

let last = 0;

/** A completed result that owes somebody a word. */
async function owed(url = `${receiver.url}/hook`): Promise<string> {
  const id = idNumber(++last);
  const now = Date.now();
  const webhook = { url, event: `event-${last}`, dueAt: new Date(now + 60_000), attempts: 0 };
  const { claim, ...rest } = resultAt(now, answered(now));
  await firestore.doc(`results/${id}`).set({ ...rest, claim, webhook });
  return id;
}

const ring = (id: string, url = functionUrl): Promise<Response> => {
  const data = Buffer.from(JSON.stringify({ id })).toString('base64');
  return call({ message: { data, messageId: '1' }, subscription: 'webhooks' }, url);
};

const call = (body: unknown, url = functionUrl): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

const webhookOf = async (id: string) =>
  (await firestore.doc(`results/${id}`).get()).get('webhook') as Record<string, unknown>;

const schedule = async (): Promise<void> => {
  expect((await call({})).status).toBe(200);
};

describe('a webhook', () => {
  it('tells the result, signed so that the receiver can check it', async () => {
    const id = await owed();
    expect((await ring(id)).status).toBe(204);
    const [delivery] = receiver.deliveries;
    expect(delivery?.path).toBe('/hook');
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ type: 'result.completed', data: { id } });
    const { headers = {}, body = '' } = delivery ?? {};
    expect(readWebhook(SECRET, headers, body)).toMatchObject({ id, answer: { shelfId: 'A-07' } });
    expect(readWebhook(SECRET, headers, `${body} `)).toBeUndefined();
    expect(readWebhook(`whsec_${Buffer.alloc(24, 8).toString('base64')}`, headers, body)).toBeUndefined();
    expect(readWebhook(SECRET, headers, body, Date.now() + 301_000)).toBeUndefined();
    expect(body).not.toContain('secret-owner');
    expect(await webhookOf(id)).toMatchObject({ attempts: 1, deliveredAt: expect.anything() });
    expect(await webhookOf(id)).not.toHaveProperty('dueAt');
  });

  it('is one of Standard Webhooks, as the own library of that standard verifies it', async () => {
    const id = await owed();
    await ring(id);
    const { headers = {}, body = '' } = receiver.deliveries[0] ?? {};
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: 'result.completed',
      data: { id },
    });
    expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow('No matching signature found');
  });

  it('tells that somebody has judged the answer, after the end that is still owed', async () => {
    const id = await owed();
    const documents = new Documents({ projectId: 'local', emulatorHost: server.host });
    const judge = ({ answer = {} }: ResultDocument) => ({
      verdict: { verdict: 'right' as const, by: null },
      answer,
    });
    const keeper = new LabelKeeper({ buckets: new Buckets({ projectId: 'local' }), retentionDays: 0 });
    await giveFeedback(documents, keeper, id, judge);
    await ring(id);
    await schedule();
    await giveFeedback(documents, keeper, id, judge);
    await schedule();
    const types = receiver.deliveries.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types).toEqual(['result.completed', 'result.reviewed', 'result.reviewed']);
    const ids = receiver.deliveries.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(3);
    expect(JSON.parse(receiver.deliveries[1]?.body ?? '')).toMatchObject({
      data: { feedback: { verdict: 'right' } },
    });
  });

  it('rung for twice, also at the same time, tells once', async () => {
    const id = await owed();
    await Promise.all([ring(id), ring(id), ring(id)]);
    await ring(id);
    await schedule();
    expect(receiver.deliveries).toHaveLength(1);
  });

  it('that nobody rang for is found by the schedule', async () => {
    const id = await owed();
    await firestore.doc(`results/${id}`).update({ 'webhook.dueAt': new Date(Date.now() - 1) });
    await schedule();
    expect(receiver.deliveries.map(({ headers }) => headers['webhook-id'])).toEqual([`event-${last}`]);
  });

  it.each([500, 'hang', 'redirect'] as const)(
    'answered by %s is tried again, under the same id',
    async (answer) => {
      receiver.answers.splice(0, 1, answer, 200);
      const id = await owed();
      expect((await ring(id, answer === 'hang' ? hastyUrl : functionUrl)).status).toBe(204);
      expect(await webhookOf(id)).toMatchObject({ attempts: 1, failure: expect.stringMatching(/\.$/) });
      await new Promise((resolve) => setTimeout(resolve, 80));
      await schedule();
      const ids = receiver.deliveries.map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual([`event-${last}`, `event-${last}`]);
      expect(receiver.deliveries.every(({ path }) => path === '/hook')).toBe(true);
      expect(await webhookOf(id)).toHaveProperty('deliveredAt');
      expect(await webhookOf(id)).not.toHaveProperty('failure');
    },
  );

  it('that never succeeds is given up, and says why', async () => {
    receiver.answers.splice(0, 1, 503);
    const id = await owed();
    await ring(id);
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await schedule();
    }
    expect(receiver.deliveries).toHaveLength(3);
    expect(await webhookOf(id)).toMatchObject({ attempts: 3, failure: 'The receiver answered 503.' });
    expect(await webhookOf(id)).not.toHaveProperty('dueAt');
  });

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
    expect(receiver.deliveries).toEqual([]);
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

  it('of a result that is gone, or an odd message, is done', async () => {
    expect((await ring(idNumber(0xfff))).status).toBe(204);
    expect((await call({ message: { data: 'e30=' } })).status).toBe(204);
    expect((await fetch(functionUrl)).status).toBe(405);
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
    const program = join(folder, 'receiver.mjs');
    await writeFile(program, RECEIVERS.find(([language]) => language === 'Node')?.[2] ?? '');
    await symlink(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(folder, 'node_modules'),
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
