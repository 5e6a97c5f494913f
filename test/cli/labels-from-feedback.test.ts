import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { answerAlways, idOf, picture } from '../support/pipeline.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

const ANSWER = { caption: 'A shelf.', tags: ['shelf'], visibleText: 'A-1', confidence: 0.9 };

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
  answerAlways(cloud.model, ANSWER);
  for (const [i, name] of ['right', 'corrected', 'wrong', 'unjudged'].entries())
    await cloud.upload(`describe/${name}.jpg`, await picture(i + 1, 640, 480));
  for (const name of ['right', 'corrected', 'wrong', 'unjudged'])
    await vi.waitFor(
      async () => expect((await cloud.result(`describe/${name}.jpg`))?.['status']).toBe('completed'),
      { timeout: 60_000, interval: 200 },
    );
  const judge = (name: string, verdict: string, fields?: object) =>
    cloud.firestore.doc(`results/${idOf(`describe/${name}.jpg`)}`).update({
      feedback: { verdict, ...(fields ? { fields } : {}), by: null, at: new Date(), answer: ANSWER },
    });
  await judge('right', 'right');
  await judge('corrected', 'corrected', { visibleText: 'A-7' });
  await judge('wrong', 'wrong');
});
afterAll(() => cloud.close());

const labelsOf = async (): Promise<Record<string, unknown>[]> => {
  const { stdout } = await cloud.run(['labels', 'list', '--from-feedback', '-p', 'describe', '--json']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { answer: Record<string, unknown> }).answer);
};

describe('what people judged', () => {
  it('becomes a label where the answer was right or is corrected, without what the model said of itself', async () => {
    const { confidence: _stated, ...right } = ANSWER;
    expect(await labelsOf()).toEqual(expect.arrayContaining([right, { ...right, visibleText: 'A-7' }]));
    expect(await labelsOf()).toHaveLength(2);
  });

  it('is exported with the pictures that were uploaded', async () => {
    const ended = await cloud.run(['labels', 'export', 'kept', '--from-feedback', '-p', 'describe']);
    expect(ended.stdout).toBe('2 labels written to kept\n');
    const names = await readdir(join(cloud.photos, 'kept'));
    expect(names.filter((name) => name.endsWith('.jpg'))).toHaveLength(2);
    const bytes = await readFile(join(cloud.photos, 'kept', `${idOf('describe/right.jpg')}.jpg`));
    expect(bytes.equals(await picture(1, 640, 480))).toBe(true);
    expect((await cloud.run(['labels', 'check', 'kept', '-p', 'describe'])).stdout).toBe(
      '✓ 2 labels fit describe\n',
    );
  });

  it('is evaluated by the local model, and nothing is billed', async () => {
    const ended = await cloud.run(['evaluate', '--from-feedback', '-p', 'describe', '--resolutions', 'HIGH']);
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toMatch(/^describe version \d+, 2 labeled pictures, answered by the local reader/);
  });

  it('is no label any more when the upload is deleted', async () => {
    await cloud.storage.bucket(UPLOADS_BUCKET).file('describe/right.jpg').delete();
    await expect.poll(async () => (await labelsOf()).length, { interval: 500 }).toBe(1);
  });
});
