import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../local/endpoints.ts';
import {
  answerAlways,
  DESCRIPTION,
  type Pipeline,
  picture,
  SHORT_LEASES,
  startPipeline,
} from '../support/pipeline.ts';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));

let pipeline: Pipeline;
let folder: string;
/** Topics whose notifications get lost now. */
const losing = new Set<string>();

beforeAll(async () => {
  // So few deliveries that a message is given up within a test.
  pipeline = await startPipeline({
    keepNotification: (topic) => !losing.has(topic),
    env: { ...SHORT_LEASES.env, CONTROL_CACHE_MS: '50' },
    times: { ackDeadlineMs: 6_000, minBackoffMs: 20, maxBackoffMs: 40, maxDeliveryAttempts: 5 },
  });
  const { cloud, dataDir } = pipeline;
  await writeEndpoints(dataDir, {
    page: 'http://127.0.0.1:8080',
    storage: cloud.storage.url,
    firestore: cloud.firestore.host,
    pubsub: cloud.pubsub.url,
    clientEnv: { ...cloud.clientEnv },
  });
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterAll(async () => {
  await pipeline.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  losing.clear();
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [PIPELINE, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, PIPELINE_DATA: pipeline.dataDir },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const deadLetters = () =>
  pipeline.cloud.pubsub.backlog().find(({ subscription }) => subscription === 'uploads-dead-letters')
    ?.unacked ?? 0;

describe('dead letters', () => {
  it('are listed with their object and reason, replayed, and gone afterward', async () => {
    pipeline.cloud.firestore.setFault('unavailable');
    await pipeline.upload('given-up.jpg', await picture(1));
    await expect.poll(deadLetters, { timeout: 60_000 }).toBe(1);
    pipeline.cloud.firestore.setFault('none');

    const [listed] = lines((await run('dead-letters', '--json')).stdout);
    expect(listed).toMatchObject({
      object: expect.stringContaining('gs://uploads/given-up.jpg#'),
      topic: 'uploads',
      deliveries: 5,
      fate: 'replay',
      reason: expect.any(String),
    });

    const dry = await run('replay', '--dead-letters', '--dry-run');
    expect(dry.stdout).toContain('1 dead letter would be replayed');
    expect(deadLetters()).toBe(1);

    expect((await run('replay', '--dead-letters')).stdout).toContain('1 dead letter replayed');
    expect(await pipeline.settled('given-up.jpg')).toMatchObject({ status: 'completed' });
    expect((await run('dead-letters')).stdout).toBe('There are no dead letters.\n');
  });

  it('that are no events of a bucket are shown and stay', async () => {
    await pipeline.cloud.pubsub.publish('uploads', { data: Buffer.from('hello'), attributes: {} });
    await expect.poll(deadLetters, { timeout: 60_000 }).toBe(1);
    const [listed] = lines((await run('dead-letters', '--json')).stdout);
    expect(listed).toMatchObject({ object: null, fate: 'unreadable' });
    expect((await run('replay', '--dead-letters')).stdout).toContain('1 left: no events of a bucket');
    expect(deadLetters()).toBe(1);
  });
});

describe('resume', () => {
  it('lifts the pauses of models too, and what is parked for them is due at once', async () => {
    pipeline.model.behave({ script: [], quotas: { perDay: 0 } });
    await pipeline.upload('quota/1.jpg', await picture(31));
    expect(await pipeline.settled('quota/1.jpg')).toMatchObject({ failure: { code: 'MODEL_QUOTA_DAY' } });
    pipeline.model.behave({ quotas: {} });

    const one = await run('resume', '--model', 'gemini-3.8-flash', '--json');
    expect(JSON.parse(one.stdout)).toEqual({ lifted: ['gemini-3.8-flash'], woken: 1 });
    const rest = await run('resume');
    expect(rest.stdout).toBe(
      'Resumed.\nResumed gemini-3.5-flash-lite.\n1 picture that waited goes on with the next sweep.\n',
    );
    const { dueAt } = (await pipeline.result('quota/1.jpg')) as { dueAt: { toMillis(): number } };
    expect(dueAt.toMillis()).toBeLessThanOrEqual(Date.now());
    expect(JSON.parse((await run('resume', '--json')).stdout)).toMatchObject({ lifted: ['pipeline'] });
  });

  it('names the models there are when asked for another one', async () => {
    const { code, stderr } = await run('pause', '--model', 'gemini-1.0');
    expect(code).not.toBe(0);
    expect(stderr).toContain('gemini-3.5-flash-lite');
  });
});

describe('replay', () => {
  it('asks again about every picture that failed with a code, and about no other', async () => {
    pipeline.model.behave({ script: [{ json: {}, times: 100 }] });
    for (const i of [1, 2]) {
      await pipeline.upload(`failed/${i}.jpg`, await picture(10 + i));
      expect(await pipeline.settled(`failed/${i}.jpg`)).toMatchObject({
        failure: { code: 'MODEL_INVALID_ANSWER' },
      });
    }
    answerAlways(pipeline.model, DESCRIPTION);
    const dry = await run('replay', '--failed', 'MODEL_INVALID_ANSWER', '--dry-run');
    expect(dry.stdout).toContain('2 pictures would be replayed');
    expect(await pipeline.result('failed/1.jpg')).toMatchObject({ status: 'failed' });

    await run('replay', '--failed', 'model_invalid_answer');
    for (const i of [1, 2]) {
      const result = await pipeline.settled(`failed/${i}.jpg`, (d) => d['status'] === 'completed');
      expect(result).toMatchObject({ answer: DESCRIPTION });
      expect(result).not.toHaveProperty('failure');
    }
    expect((await run('replay', '--failed', 'MODEL_INVALID_ANSWER')).stdout).toContain('nothing to replay');
  });

  it('of one picture makes its prepared picture anew when asked to', async () => {
    await pipeline.upload('anew.jpg', await picture(20));
    const before = await pipeline.settled('anew.jpg');
    const { bucket, name } = before['prepared'] as { bucket: string; name: string };
    const file = pipeline.storage.bucket(bucket).file(name);
    const [{ generation }] = await file.getMetadata();
    expect((await run('replay', 'anew.jpg', '--anew')).stdout).toContain('sent to the resize');
    await pipeline.settled('anew.jpg', (d) => d['status'] === 'completed');
    expect((await file.getMetadata())[0].generation).not.toBe(generation);
  });

  it('needs to be told what', async () => {
    expect(await run('replay')).toMatchObject({ code: 1, stderr: expect.stringContaining('--dead-letters') });
    expect(await run('replay', '--failed', 'NONSENSE')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('MODEL_CREDENTIALS'),
    });
  });
});

describe('backfill', () => {
  it('finds uploads that were announced to nobody, counts them first and then answers them', async () => {
    losing.add('uploads');
    for (let i = 0; i < 5; i += 1) await pipeline.upload(`old/${i}.jpg`, await picture(30 + i));
    losing.clear();
    await pipeline.upload('old/known.jpg', await picture(40));
    await pipeline.settled('old/known.jpg');

    const counted = JSON.parse((await run('backfill', 'gs://uploads/old/', '--dry-run', '--json')).stdout);
    expect(counted).toMatchObject({ checked: 6, sent: 5, dryRun: true });
    expect(counted.usd).toBeGreaterThan(0);
    expect(await pipeline.result('old/0.jpg')).toBeUndefined();

    expect((await run('backfill', 'gs://uploads/old/', '--yes')).stdout).toContain('5 sent');
    for (let i = 0; i < 5; i += 1)
      expect(await pipeline.settled(`old/${i}.jpg`)).toMatchObject({ status: 'completed' });
    expect((await run('backfill', 'gs://uploads/old/', '--yes')).stdout).toContain('all have a result');
  });

  it('stops at a number of pictures or an amount of money, and goes on from there', async () => {
    losing.add('uploads');
    for (let i = 0; i < 4; i += 1) await pipeline.upload(`capped/${i}.jpg`, await picture(50 + i));
    losing.clear();
    const address = 'gs://uploads/capped/';
    const counted = JSON.parse((await run('backfill', address, '--dry-run', '--json')).stdout);
    const one = counted.usd / 4;
    expect((await run('backfill', address, '--yes', '--max-images', '1')).stdout).toContain('1 sent');
    const paid = JSON.parse(
      (await run('backfill', address, '--yes', '--json', '--max-usd', String(one * 2.5))).stdout,
    );
    expect(paid).toMatchObject({ ending: 'max-usd' });
    expect(paid.usd).toBeLessThanOrEqual(one * 2.5);
    await run('backfill', address, '--yes');
    for (let i = 0; i < 4; i += 1)
      expect(await pipeline.settled(`capped/${i}.jpg`)).toMatchObject({ status: 'completed' });
    expect((await readdir(folder)).filter((name) => name.includes('backfill'))).toEqual([]);
  });

  it('sends nothing without being told to, and reads no other bucket', async () => {
    expect(await run('backfill', 'gs://uploads')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--dry-run'),
    });
    expect(await run('backfill', 'gs://elsewhere/', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('gcloud storage cp'),
    });
  });
});
