import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, picture } from '../support/pipeline.ts';
import { type CliCloud, NO_PAGE, startCliCloud, until } from './command-line.ts';

interface Json {
  subject: string;
  errors: number;
  findings: { topic: string; severity: string; looked: boolean; text: string; fix: string | null }[];
}

let cloud: CliCloud;

const report = async (args: readonly string[] = []): Promise<Json> =>
  JSON.parse((await cloud.run(['doctor', '--json', ...args])).stdout) as Json;

const of = ({ findings }: Json, topic: string) => findings.filter((finding) => finding.topic === topic);

beforeAll(async () => {
  cloud = await startCliCloud();
});

afterAll(() => cloud.close());

/** Each runs processes, which take their time on a busy machine. Milliseconds. */
const PATIENCE = { timeout: 60_000 };

describe('pipeline doctor on the local cloud', PATIENCE, () => {
  it('asks every server, the model, the disk and the configuration', async () => {
    const json = await report();
    expect(json.subject).toBe(`The local cloud at ${NO_PAGE}`);
    expect(of(json, 'Backlog')).toMatchObject([
      { severity: 'ok', text: 'No picture waits for more than 10 min 0 s.' },
    ]);
    expect(of(json, 'Dead letters')).toMatchObject([{ severity: 'ok' }]);
    expect(of(json, 'Model')).toMatchObject([
      { severity: 'ok', text: expect.stringContaining('gemini-3.8-flash') },
    ]);
    expect(of(json, 'Pauses')).toMatchObject([{ severity: 'ok', text: 'Nothing is paused.' }]);
    expect(of(json, 'Disk')).toMatchObject([{ text: expect.stringContaining(cloud.dataDir) }]);
    expect(of(json, 'Prices')).toHaveLength(1);
  });

  it('names each server that does not answer', async () => {
    // This cloud runs neither api, sweep nor budget-alert.
    const servers = of(await report(), 'Servers');
    expect(servers).toContainEqual({
      topic: 'Servers',
      severity: 'error',
      looked: true,
      text: expect.stringMatching(/^budget-alert does not answer \(127\.0\.0\.1:\d+\)\.$/),
      fix: expect.stringContaining('npm start'),
    });
    expect(servers.map(({ text }) => text).join()).not.toMatch(
      /Storage|Firestore|Pub\/Sub|resize-image|analyze-image/,
    );
  });

  it('tells of a pause, and how it is lifted', async () => {
    const control = cloud.firestore.doc('control/pipeline');
    await control.set({ paused: true, until: null, reason: 'the bill is checked' });
    expect(of(await report(), 'Pauses')).toMatchObject([
      {
        severity: 'warning',
        text: 'The pipeline is paused until somebody lifts it: the bill is checked.',
        fix: 'Mend the cause, then: npx pipeline resume',
      },
    ]);
    await control.set({ paused: 'perhaps' });
    expect(of(await report(), 'Pauses')).toMatchObject([{ severity: 'error' }]);
    await control.delete();
  });

  it('tells of what pictures are asked by where the file says something else, and how the two are made one', async () => {
    await cloud.upload('describe/asked.jpg', await picture(2));
    await cloud.settled('describe/asked.jpg');
    expect(of(await report(), 'Stored profiles')).toMatchObject([
      {
        severity: 'ok',
        text: expect.stringMatching(/^Pictures are asked by describe 1, inventory \d and moderation 1\.$/),
      },
    ]);
    await writeFile(
      join(cloud.photos, 'moderation.yaml'),
      'prompt: Is it fit for children?\nfields: { isFit: boolean, confidence: { type: number, min: 0, max: 1 } }\n',
    );
    await cloud.run(['profiles', 'push', 'moderation.yaml']);
    const [finding] = of(await report(), 'Stored profiles');
    expect(finding).toMatchObject({
      severity: 'warning',
      text: 'profiles/moderation.yaml says something else than version 2, by which pictures are asked.',
    });
    const [first = ''] = finding?.fix?.split(';') ?? [];
    const { stdout } = await cloud.run(first.replace('npx pipeline ', '').split(' '));
    expect(stdout).toContain('prompt');
    await cloud.run(['profiles', 'push', 'moderation']);
    expect(of(await report(), 'Stored profiles')).toMatchObject([{ severity: 'ok' }]);
  });

  it('tells of pictures on which nothing moves', async () => {
    await cloud.upload('slow.jpg', await picture(1));
    await cloud.settled('slow.jpg');
    const stuck = { status: 'prepared', updatedAt: new Date(Date.now() - 3_600_000), dueAt: new Date() };
    await cloud.firestore.doc(`results/${idOf('slow.jpg')}`).update(stuck);
    expect(of(await report(['--waiting', '30']), 'Backlog')).toMatchObject([
      { severity: 'warning', text: '1 picture did not move for 30 min 0 s, the longest for 1 h 0 min.' },
    ]);
    expect(of(await report(['--waiting', '90']), 'Backlog')).toMatchObject([{ severity: 'ok' }]);
  });

  it('counts dead letters and leaves them where they are', async () => {
    await cloud.cloud.pubsub.publish('uploads-dead-letters', {
      data: Buffer.from('{}'),
      attributes: { eventType: 'OBJECT_FINALIZE' },
    });
    const deadLetters = () =>
      cloud.cloud.pubsub.backlog().find(({ subscription }) => subscription === 'uploads-dead-letters')
        ?.unacked;
    await until(() => deadLetters() === 1);
    for (const _ of [1, 2]) {
      expect(of(await report(), 'Dead letters')).toMatchObject([
        {
          severity: 'warning',
          text: '1 message of the topic uploads could not be delivered.',
          fix: 'npx pipeline dead-letters',
        },
      ]);
    }
    expect(deadLetters()).toBe(1);
  });

  it('goes on with the rest when one thing cannot be looked at', async () => {
    await rm(join(cloud.dataDir, 'endpoints.json'), { force: true });
    const { code, stdout } = await cloud.run(['doctor', '--data', cloud.dataDir]);
    expect(code).toBe(1);
    expect(stdout).toContain('✗ No local cloud is running in');
    expect(stdout).toContain('Profiles');
  });
});
