import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';

let cloud: LocalCloud;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'doors-'));
  cloud = await startLocalCloud({
    dataDir,
    functions: ['api', 'budget-alert'],
    model: { kind: 'simulator', reader: 'none' },
    // Only what a test publishes itself is counted.
    keepNotification: () => false,
  });
});

afterAll(async () => {
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
});

const NOTICE = JSON.stringify({ messages: [{ data: Buffer.from('{}').toString('base64') }] });

/** What a web page would do to each port: its address, and what it sends there. */
const doors = (who: string): Record<string, [url: string, path: string, body: string]> => ({
  'Cloud Storage': [
    cloud.storage.url,
    `/upload/storage/v1/b/uploads/o?uploadType=media&name=${who}.jpg`,
    'x',
  ],
  Firestore: [
    `http://${cloud.firestore.host}`,
    `/v1/projects/local/databases/(default)/documents/control?documentId=${who}`,
    '{}',
  ],
  'Pub/Sub': [cloud.pubsub.url, '/v1/projects/local/topics/budget:publish', NOTICE],
  'the Gemini simulator': [cloud.modelUrl ?? '', '/_control/reset', '{}'],
  'the function budget-alert': [cloud.url('budget-alert'), '/', '{}'],
  'the function api': [cloud.url('api'), '/v1/dead-letters/replay', ''],
});

/** fetch() sets Host and Origin itself; this does not. */
const ask = (url: string, method: string, headers: Record<string, string>, body = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    const call = request(url, { method, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    call.on('error', reject);
    call.end(body);
  });

/** What a request that was let in would leave. */
async function traces(): Promise<unknown> {
  const listed = await fetch(`${cloud.storage.url}/storage/v1/b/uploads/o?prefix=evil`);
  const { items = [] } = (await listed.json()) as { items?: unknown[] };
  const evilDocument = await fetch(
    `http://${cloud.firestore.host}/v1/projects/local/databases/(default)/documents/control/evil`,
  );
  return {
    evilObjects: items.length,
    evilDocument: evilDocument.status,
    published: cloud.pubsub.stats().published,
  };
}

const PORTS = [
  'Cloud Storage',
  'Firestore',
  'Pub/Sub',
  'the Gemini simulator',
  'the function budget-alert',
  'the function api',
];

describe.each(PORTS)('%s on this machine', (port) => {
  const door = (who: string) => doors(who)[port] ?? ['', '', ''];

  it.each<Record<string, string>>([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://127.0.0.1:1' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ])('takes nothing from the page of another site (%j)', async (headers) => {
    const before = await traces();
    const [url, path, body] = door('evil');
    expect(await ask(url + path, 'POST', { 'Content-Type': 'text/plain', ...headers }, body)).toBe(403);
    expect(await traces()).toEqual(before);
  });

  it.each(['evil.example', '127.0.0.1.evil.example:80', '192.168.1.7'])(
    'neither shows nor changes anything under the name %s, which somebody pointed here',
    async (host) => {
      const before = await traces();
      const [url, path, body] = door('evil');
      expect(await ask(url + path, 'POST', { Host: host }, body)).toBe(421);
      expect(await ask(`${url}/`, 'GET', { Host: host })).toBe(421);
      expect(await ask(url + path, 'DELETE', { Host: host })).toBe(421);
      expect(await traces()).toEqual(before);
    },
  );

  it('serves programs, which send no Origin and name it by a name of this machine', async () => {
    const [url, path, body] = door('program');
    for (const host of ['127.0.0.1:1', 'localhost:8081', 'LOCALHOST', '[::1]:9']) {
      const status = await ask(url + path, 'POST', { Host: host, 'Content-Type': 'text/plain' }, body);
      expect([403, 421]).not.toContain(status);
    }
  });
});
