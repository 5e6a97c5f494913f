import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PREPARED_BUCKET, UPLOADS_BUCKET } from '../../local/topology.ts';
import { answerAlways, idOf, picture } from '../support/pipeline.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

const ANSWER = { caption: 'A shelf.', tags: ['shelf'], visibleText: 'A-1', confidence: 0.9 };

let cloud: CliCloud;
/** Notifications of the uploads bucket get lost now. */
let losing = false;

beforeAll(async () => {
  cloud = await startCliCloud({ keepNotification: () => !losing });
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
  await cloud.run(['review', 'right', 'describe/right.jpg']);
  // As a version judged that kept no labels yet.
  await judge('corrected', 'corrected', { visibleText: 'A-7' });
  await cloud.run(['review', 'wrong', 'describe/wrong.jpg']);
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
  it('before labels were kept becomes a label when they are asked for, once', async () => {
    expect(await labelsOf()).toHaveLength(1);
    const keep = async () => (await cloud.run(['labels', 'keep', '-p', 'describe'])).stdout;
    expect(await keep()).toBe('1 label made, 1 there before\n');
    expect(await keep()).toBe('0 labels made, 2 there before\n');
  });

  it('of an earlier picture of that name makes no label of the one that is there now', async () => {
    const document = cloud.firestore.doc(`results/${idOf('describe/unjudged.jpg')}`);
    const at = new Date(Date.now() - 3_600_000);
    await document.update({ feedback: { verdict: 'right', by: null, at, answer: ANSWER } });
    expect((await cloud.run(['labels', 'keep', '-p', 'describe'])).stdout).toBe(
      '0 labels made, 2 there before\n',
    );
  });

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

  it('is evaluated and exported by the kept picture when result and prepared picture have expired', async () => {
    const id = idOf('describe/right.jpg');
    await cloud.firestore.doc(`results/${id}`).delete();
    await cloud.storage.bucket(PREPARED_BUCKET).deleteFiles({ prefix: `${id}/` });
    // The upload is told of by nobody, as if retention had ended it with delete_with_upload = false.
    losing = true;
    await cloud.storage.bucket(UPLOADS_BUCKET).file('describe/right.jpg').delete();
    losing = false;
    const ended = await cloud.run(['labels', 'export', 'later', '--from-feedback', '-p', 'describe']);
    expect(ended).toMatchObject({ code: 0, stdout: '2 labels written to later\n' });
    const bytes = await readFile(join(cloud.photos, 'later', `${id}.jpg`));
    const [kept] = await cloud.storage.bucket(PREPARED_BUCKET).getFiles({ prefix: `labels/${id}/` });
    expect(bytes.equals((await kept[0]?.download())?.[0] ?? Buffer.alloc(0))).toBe(true);
  });

  it('is named where its picture was lost', async () => {
    const id = idOf('describe/right.jpg');
    await cloud.storage.bucket(PREPARED_BUCKET).deleteFiles({ prefix: `labels/${id}/` });
    const ended = await cloud.run(['labels', 'check', '--from-feedback', '-p', 'describe']);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain(
      'gs://uploads/describe/right.jpg: its picture is gone, the upload and the kept one',
    );
  });

  it('is no label any more when somebody deletes it; the verdict stays, and keeping does not bring it back', async () => {
    const ended = await cloud.run(['labels', 'delete', 'describe/corrected.jpg', idOf('describe/right.jpg')]);
    expect(ended.stdout).toBe(
      `describe/corrected.jpg: its label is deleted\n${idOf('describe/right.jpg')}: its label is deleted\n`,
    );
    expect(await labelsOf()).toEqual([]);
    expect((await cloud.run(['labels', 'keep', '-p', 'describe'])).stdout).toBe(
      '0 labels made, 0 there before\n',
    );
    expect((await cloud.result('describe/corrected.jpg'))?.['feedback']).toMatchObject({
      verdict: 'corrected',
    });
    const again = await cloud.run(['labels', 'delete', 'describe/corrected.jpg']);
    expect(again).toMatchObject({ code: 1 });
    await cloud.run(['review', 'right', 'describe/corrected.jpg']);
    expect(await labelsOf()).toHaveLength(1);
  });

  it('is no label any more when the upload is deleted', async () => {
    await cloud.storage.bucket(UPLOADS_BUCKET).file('describe/corrected.jpg').delete();
    await expect.poll(async () => (await labelsOf()).length, { interval: 500 }).toBe(0);
  });
});
