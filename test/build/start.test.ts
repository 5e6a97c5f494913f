import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionNames } from '../../build/functions.ts';
import { TINY_HEIC } from '../support/tiny-heic.ts';
import { type Deployed, deploy } from './deployed-process.ts';

/** Minutes of work: `npm run test:build` asks for it. */
const asked = process.env['TEST_DEPLOYABLES'] === '1';

const ENVIRONMENT = {
  NODE_ENV: 'production',
  METADATA_SERVER_DETECTION: 'none',
  GOOGLE_CLOUD_PROJECT: 'local',
  // Nothing answers there: a function starts all the same, and needs no credentials for it.
  FIRESTORE_EMULATOR_HOST: '127.0.0.1:9',
  UPLOADS_BUCKET: 'uploads',
  PREPARED_BUCKET: 'prepared',
  GEMINI_API_KEY: 'not-a-key',
  WEB_DIR: 'web',
  WEBHOOK_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}`,
};

const pushOf = (bucket: string, name: string) => ({
  subscription: 'projects/local/subscriptions/one',
  message: {
    messageId: '1',
    attributes: {
      eventType: 'OBJECT_FINALIZE',
      bucketId: bucket,
      objectId: name,
      objectGeneration: '1700000000000000',
    },
    data: Buffer.from(
      JSON.stringify({ bucket, name, generation: '1700000000000000', size: '3', contentType: 'image/jpeg' }),
    ).toString('base64'),
  },
});

interface Probe {
  what: string;
  method: 'GET' | 'POST';
  body?: object;
  status: number;
}

const NO_EVENT: Probe = { what: 'no event', method: 'POST', body: { what: 'no event' }, status: 400 };

/** Requests that need no cloud behind the function, and how it answers them. */
const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  'resize-image': [
    NO_EVENT,
    {
      what: 'an event of another bucket',
      method: 'POST',
      body: pushOf('another-bucket', 'inventory/a.jpg'),
      status: 204,
    },
  ],
  'analyze-image': [
    NO_EVENT,
    {
      what: 'an event of something that is no prepared picture',
      method: 'POST',
      body: pushOf('prepared', 'notes.txt'),
      status: 204,
    },
  ],
  'budget-alert': [NO_EVENT],
  api: [{ what: 'the page', method: 'GET', status: 200 }],
  batch: [{ what: 'a call that is no schedule', method: 'GET', status: 405 }],
  sweep: [{ what: 'a call that is no schedule', method: 'GET', status: 405 }],
  webhook: [
    { what: 'a call that is no schedule', method: 'GET', status: 405 },
    {
      what: 'a message that names no result',
      method: 'POST',
      body: { message: { data: Buffer.from('{}').toString('base64') } },
      status: 204,
    },
  ],
};

const send = (url: string, { method, body }: Probe) =>
  fetch(url, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });

describe.runIf(asked).each(await functionNames())('%s, installed as the platform does', (name) => {
  let deployed: Deployed;
  beforeAll(async () => {
    deployed = await deploy(name);
  }, 180_000);
  afterAll(() => deployed.dispose());

  it('has compiled its code while the image was built', () => {
    const cache = join(deployed.folder, '.compile-cache');
    expect(existsSync(cache) && readdirSync(cache, { recursive: true }).length).toBeGreaterThan(1);
  });

  it.runIf(name === 'resize-image')('decodes the pictures of phones in a thread of its own', async () => {
    const worker = new Worker(join(deployed.folder, 'heic-worker.js'), {
      workerData: { bytes: TINY_HEIC, maxPixels: 1_000_000 },
      env: {},
      execArgv: [],
    });
    const [answer] = await once(worker, 'message');
    await worker.terminate();
    expect(answer).toMatchObject({ kind: 'decoded' });
  });

  it.each([
    ['its own start script', ['npm', 'start']],
    ["the framework's command line", ['npx', '--no-install', 'functions-framework', `--target=${name}`]],
  ])('answers when started by %s', async (_, command) => {
    const url = await deployed.start(command, ENVIRONMENT);
    const probes = PROBES[name] ?? [];
    expect(probes.length).toBeGreaterThan(0);
    for (const probe of probes) expect((await send(url, probe)).status, probe.what).toBe(probe.status);
  });
});
