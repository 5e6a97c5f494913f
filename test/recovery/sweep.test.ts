import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { preparedName } from '../../shared/results/id.ts';
import { answerAlways, DESCRIPTION, idOf, type Pipeline, picture } from '../support/pipeline.ts';
import { startSweptPipeline, sweep, sweepUntil } from './sweeping.ts';

let pipeline: Pipeline;
/** Topics whose notifications get lost now. */
const losing = new Set<string>();

beforeAll(async () => {
  pipeline = await startSweptPipeline({ keepNotification: (topic) => !losing.has(topic) });
});
afterAll(() => pipeline.close());
afterEach(() => {
  losing.clear();
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

const isCompleted = (name: string) => async () => (await pipeline.result(name))?.['status'] === 'completed';

const change = (name: string, patch: Record<string, unknown>) =>
  pipeline.firestore.doc(`results/${idOf(name)}`).update(patch);

const past = () => new Date(Date.now() - 1_000);

describe('the sweep', () => {
  it('resumes an image whose prepared picture was announced to nobody', async () => {
    losing.add('prepared');
    await pipeline.upload('lost.jpg', await picture(1));
    await pipeline.settled('lost.jpg', (d) => d['status'] === 'prepared');
    await sweepUntil(pipeline, isCompleted('lost.jpg'));
    expect(await pipeline.result('lost.jpg')).toMatchObject({ answer: DESCRIPTION });
  });

  it('never touches what has ended, even if something still says that it is due', async () => {
    await pipeline.upload('ended.jpg', await picture(40));
    await pipeline.settled('ended.jpg', (d) => d['status'] === 'completed');
    const calls = pipeline.modelCalls();
    await change('ended.jpg', { dueAt: past() });
    expect(await sweep(pipeline)).toMatchObject({ due: 1, resumed: { resize: 0, analyze: 0 } });
    expect(await sweep(pipeline)).toMatchObject({ due: 0 });
    expect(await pipeline.result('ended.jpg')).toMatchObject({ status: 'completed' });
    expect(pipeline.modelCalls()).toBe(calls);
  });

  it('leaves alone what has not stood still for long', async () => {
    losing.add('prepared');
    await pipeline.upload('young.jpg', await picture(2));
    await pipeline.settled('young.jpg', (d) => d['status'] === 'prepared');
    expect(await sweep(pipeline)).toMatchObject({ due: 0 });
    await sweepUntil(pipeline, isCompleted('young.jpg'));
  });

  it('resumes what its owner never ended, once the claim and the patience after it are over', async () => {
    pipeline.model.behave({ script: [{ fault: 'hang' }, { json: DESCRIPTION, times: 100 }] });
    await pipeline.upload('crashed.jpg', await picture(3));
    await pipeline.settled('crashed.jpg', (d) => d['status'] === 'analyzing');
    // Nobody delivers it again: its message is gone with its owner.
    await pipeline.firestore.doc(`results/${idOf('crashed.jpg')}`).update({ 'claim.owner': 'dead' });
    await sweepUntil(pipeline, isCompleted('crashed.jpg'));
  });

  it('sends an image back to the resize when its prepared picture is gone', async () => {
    losing.add('prepared');
    const generation = await pipeline.upload('expired.jpg', await picture(4));
    await pipeline.settled('expired.jpg', (d) => d['status'] === 'prepared');
    const prepared = pipeline.storage.bucket('prepared').file(preparedName(idOf('expired.jpg'), generation));
    await expect.poll(async () => (await prepared.exists())[0]).toBe(true);
    await prepared.delete();
    losing.clear();
    await change('expired.jpg', { dueAt: past() });
    expect(await sweep(pipeline)).toMatchObject({ due: 1, resumed: { resize: 1, analyze: 0 } });
    expect(await pipeline.settled('expired.jpg')).toMatchObject({ status: 'completed' });
  });

  it('resumes a parked image at its time, not before', async () => {
    losing.add('prepared');
    await pipeline.upload('parked.jpg', await picture(5));
    await pipeline.settled('parked.jpg', (d) => d['status'] === 'prepared');
    const until = new Date(Date.now() + 60_000);
    await change('parked.jpg', { status: 'parked', parked: { until, reason: 'no budget' }, dueAt: until });
    expect(await sweep(pipeline)).toMatchObject({ due: 0 });
    await change('parked.jpg', { 'parked.until': past(), dueAt: past() });
    expect(await sweep(pipeline)).toMatchObject({ due: 1, resumed: { analyze: 1 } });
    const result = await pipeline.settled('parked.jpg');
    expect(result).toMatchObject({ status: 'completed' });
    expect(result).not.toHaveProperty('parked');
  });

  it('run twice at once takes each image up once', async () => {
    losing.add('prepared');
    const names = Array.from({ length: 8 }, (_, i) => `both/${i}.jpg`);
    for (const [i, name] of names.entries()) await pipeline.upload(name, await picture(10 + i));
    for (const name of names) await pipeline.settled(name, (d) => d['status'] === 'prepared');
    await Promise.all(names.map((name) => change(name, { dueAt: past() })));
    const before = pipeline.cloud.pubsub.stats().published;
    const [first, second] = await Promise.all([sweep(pipeline), sweep(pipeline)]);
    expect(first.resumed.analyze + second.resumed.analyze).toBe(names.length);
    expect(pipeline.cloud.pubsub.stats().published - before).toBe(names.length);
    for (const name of names) await pipeline.settled(name);
  });

  it('touches nothing that has ended', async () => {
    await pipeline.upload('ended.jpg', await picture(30));
    const ended = await pipeline.settled('ended.jpg');
    expect(ended).not.toHaveProperty('dueAt');
    expect(await sweep(pipeline)).toMatchObject({ due: 0 });
  });

  it('rests while the pipeline is paused', async () => {
    losing.add('prepared');
    await pipeline.upload('paused.jpg', await picture(31));
    await pipeline.settled('paused.jpg', (d) => d['status'] === 'prepared');
    await change('paused.jpg', { dueAt: past() });
    await pipeline.firestore.doc('control/pipeline').set({ paused: true });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await sweep(pipeline)).toMatchObject({ paused: true, due: 0 });
    await pipeline.firestore.doc('control/pipeline').delete();
    await sweepUntil(pipeline, isCompleted('paused.jpg'));
  });
});
