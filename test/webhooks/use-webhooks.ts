import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { findFreePort } from '../../local/supervisor/free-port.ts';
import { createSupervisor, type Supervisor } from '../../local/supervisor/supervisor.ts';
import { answered, idNumber, resultAt } from '../api/documents.ts';
import { selfSigned } from '../support/self-signed.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** The function as it runs in the cloud, and a receiver whose certificate it trusts; the tests of a file share both. */
export function useWebhooks() {
  let folder: string;
  let server: FirestoreServer;
  let firestore: Firestore;
  let receiver: Receiver;
  let supervisor: Supervisor;
  let functionUrl: string;
  let last = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-'));
    const tls = selfSigned();
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
  });
  beforeEach(() => {
    receiver.deliveries.length = 0;
    receiver.answers.splice(0, Number.POSITIVE_INFINITY, 200);
  });
  afterAll(async () => {
    await supervisor.stop();
    await receiver.close();
    await firestore.terminate();
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** One more, with variables of its own. Resolves with its URL. */
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

  const call = (body: unknown, url = functionUrl): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  return {
    startFunction,
    call,
    folder: () => folder,
    server: () => server,
    firestore: () => firestore,
    receiver: () => receiver,
    functionUrl: () => functionUrl,
    /** A completed result that owes somebody a word; the word has the id `event-` and that of the result. */
    async owed(url = `${receiver.url}/hook`): Promise<string> {
      last += 1;
      const id = idNumber(last);
      const now = Date.now();
      const webhook = { url, event: `event-${id}`, dueAt: new Date(now + 60_000), attempts: 0 };
      const { claim, ...rest } = resultAt(now, answered(now));
      await firestore.doc(`results/${id}`).set({ ...rest, claim, webhook });
      return id;
    },
    ring(id: string, url = functionUrl): Promise<Response> {
      const data = Buffer.from(JSON.stringify({ id })).toString('base64');
      return call({ message: { data, messageId: '1' }, subscription: 'webhooks' }, url);
    },
    async schedule(): Promise<void> {
      expect((await call({})).status).toBe(200);
    },
    webhookOf: async (id: string) =>
      (await firestore.doc(`results/${id}`).get()).get('webhook') as Record<string, unknown>,
  };
}
