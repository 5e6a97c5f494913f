import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { PubSubServerOptions } from '../../local/pubsub/server.ts';
import { bus, endpoint, eventually, post, pullAll, text, uploadsTo } from './push-endpoint.ts';

const MODULE = new URL('../../local/pubsub/server.ts', import.meta.url).href;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
  return () => rm(dataDir, { recursive: true, force: true });
});

const journal = () => join(dataDir, 'pubsub.journal');

/** A process that hosts the bus and is reached through its REST API only. */
const hosted = async (options: PubSubServerOptions): Promise<{ url: string; process: ChildProcess }> => {
  const code = `
    import { startPubSubServer } from ${JSON.stringify(MODULE)};
    const server = await startPubSubServer(${JSON.stringify({ ...options, dataDir })});
    process.stdout.write(server.url);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data))),
  );
  return { url, process: child };
};

const killed = (child: ChildProcess): Promise<unknown> => {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return exit;
};

const publish = (url: string, topic: string, values: string[]) =>
  post(`${url}/v1/projects/local/topics/${topic}:publish`, {
    messages: values.map((value) => ({ data: Buffer.from(value).toString('base64') })),
  });

const values = (pushes: { body: { message: { data: string } } }[]) =>
  pushes.map(({ body }) => Buffer.from(body.message.data, 'base64').toString());

describe('a bus that is killed with -9', () => {
  it('delivers again what was not acknowledged, counting on from the attempts so far, and nothing else', async () => {
    const target = await endpoint(({ body }) => (body.message.data === 'c3R1Y2s=' ? 500 : 200));
    const policy = { deadLetterTopic: 'dead', maxDeliveryAttempts: 50, minBackoffMs: 5, maxBackoffMs: 20 };
    const first = await hosted(uploadsTo(target.url, policy));
    await publish(first.url, 'uploads', ['done 1', 'stuck', 'done 2']);
    await eventually(() => target.pushes.at(-1)?.body.deliveryAttempt).toBeGreaterThanOrEqual(4);
    await killed(first.process);

    const before = target.pushes.splice(0);
    const server = await bus({ ...uploadsTo(target.url, policy), dataDir });
    await eventually(() => target.pushes.length).toBeGreaterThan(0);
    const attempts = before.at(-1)?.body.deliveryAttempt ?? Number.NaN;
    expect(target.pushes[0]?.body.deliveryAttempt).toBeGreaterThanOrEqual(attempts);
    expect(target.pushes[0]?.body.message).toEqual(before.at(-1)?.body.message);
    expect(new Set(values(target.pushes))).toEqual(new Set(['stuck']));
    expect(server.backlog()[0]).toMatchObject({ unacked: 1 });
  });

  it('loses none of the messages whose publishing was confirmed', async () => {
    const target = await endpoint(() => 200);
    const confirmed: string[] = [];
    const first = await hosted(uploadsTo('http://127.0.0.1:1/'));
    const publishing = Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        for (let n = 0; n < 500; n += 1) {
          const value = `${lane}/${n}`;
          await publish(first.url, 'uploads', [value]);
          confirmed.push(value);
        }
      }),
    ).catch(() => 'killed');
    await eventually(() => confirmed.length).toBeGreaterThan(200);
    await killed(first.process);
    await expect(publishing).resolves.toBe('killed');

    const server = await bus({ ...uploadsTo(target.url), dataDir });
    await server.idle();
    const delivered = new Set(values(target.pushes));
    expect(confirmed.filter((value) => !delivered.has(value))).toEqual([]);
  });

  it('keeps its dead letters until they are pulled and acknowledged', async () => {
    const first = await hosted(uploadsTo('http://127.0.0.1:1/'));
    await publish(first.url, 'dead', ['a letter']);
    await killed(first.process);

    const second = await hosted(uploadsTo('http://127.0.0.1:1/'));
    const server = { url: second.url };
    const [letter] = await pullAll(server);
    expect(letter?.message.data).toBe(Buffer.from('a letter').toString('base64'));
    await post(`${second.url}/v1/projects/local/subscriptions/dead-letters:acknowledge`, {
      ackIds: [letter?.ackId],
    });
    await killed(second.process);

    const third = await bus({ ...uploadsTo('http://127.0.0.1:1/'), dataDir });
    expect(await pullAll(third)).toEqual([]);
  });
});

describe('the journal', () => {
  it('may end in half a line', async () => {
    const target = await endpoint(() => 200);
    const first = await hosted(uploadsTo('http://127.0.0.1:1/'));
    await publish(first.url, 'uploads', ['whole']);
    await killed(first.process);
    await appendFile(journal(), '{"kind":"publish","message":{"id":"17');

    const server = await bus({ ...uploadsTo(target.url), dataDir });
    await server.idle();
    expect(values(target.pushes)).toEqual(['whole']);
  });

  it('is set aside when it is damaged in the middle, and what is readable is delivered', async () => {
    const target = await endpoint(() => 200);
    const first = await hosted(uploadsTo('http://127.0.0.1:1/'));
    await publish(first.url, 'uploads', ['one']);
    await publish(first.url, 'uploads', ['two']);
    await killed(first.process);
    const lines = await readFile(journal(), 'utf8');
    await writeFile(journal(), `#### not a record ####\n${lines}`);

    const server = await bus({ ...uploadsTo(target.url), dataDir });
    await server.idle();
    expect(values(target.pushes).sort()).toEqual(['one', 'two']);
    await expect(readFile(`${journal()}.damaged`, 'utf8')).resolves.toContain('not a record');
  });

  it('stays small while messages come and go', async () => {
    const target = await endpoint(() => 200);
    const server = await bus({ ...uploadsTo(target.url), dataDir });
    const body = 'x'.repeat(200_000);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 5 }, () => server.publish('uploads', text(body))));
      await server.idle();
    }
    expect((await stat(journal())).size).toBeLessThan(6 * 2 ** 20);
    expect(server.stats().journalBytes).toBe((await stat(journal())).size);
  });

  it('is empty again after a restart with nothing to deliver', async () => {
    const target = await endpoint(() => 200);
    const first = await bus({ ...uploadsTo(target.url), dataDir });
    await first.publish('uploads', text('x'));
    await first.idle();
    await first.close();
    const second = await bus({ ...uploadsTo(target.url), dataDir });
    expect(second.stats().journalBytes).toBe(0);
    expect(target.pushes).toHaveLength(1);
  });
});
