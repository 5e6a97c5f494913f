import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerAlways,
  DESCRIPTION,
  idOf,
  type Pipeline,
  picture,
  SHORT_LEASES,
  startPipeline,
} from '../support/pipeline.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startPipeline({
    ...SHORT_LEASES,
    functions: ['api', 'resize-image', 'analyze-image'],
    // Uploads go by their retention here, of which nobody tells the pipeline.
    keepNotification: (_topic, { attributes }) => attributes?.['eventType'] !== 'OBJECT_DELETE',
  });
});

afterAll(() => pipeline.close());

const api = (path: string, init?: RequestInit) => fetch(pipeline.cloud.url('api') + path, init);

const replay = (name: string, body: { anew?: boolean } = {}) =>
  api(`/v1/results/${idOf(name)}/replay`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

const shown = async (name: string) =>
  (await (await api(`/v1/results/${idOf(name)}`)).json()) as Record<string, never> & { status: string };

const objectOf = (bucket: string, name: string) => pipeline.storage.bucket(bucket).file(name);

const preparedOf = async (name: string) => {
  const document = (await pipeline.result(name)) as { prepared: { name: string } };
  return objectOf('prepared', document.prepared.name);
};

const isCompleted = (document: Record<string, unknown>) => document['status'] === 'completed';

const forget = (name: string) => objectOf('uploads', name).delete();

async function completed(name: string, side: number): Promise<void> {
  await pipeline.upload(name, await picture(side));
  await pipeline.settled(name, isCompleted);
}

describe('replays', () => {
  const RACES = 60;
  const PICTURES = 6;

  it(`lose no answer in ${RACES} races of two at once, one of which prepares the picture anew`, async () => {
    const names = Array.from({ length: PICTURES }, (_, i) => `describe/race-${i}.jpg`);
    await Promise.all(names.map((name, i) => completed(name, 40 + i)));
    const lost: unknown[] = [];
    const race = async (name: string, round: number) => {
      // In either order, from the same moment to some milliseconds apart.
      const both = [{ anew: true }, {}];
      if (round % 2 === 1) both.reverse();
      const [first, second] = both;
      const statuses = await Promise.all([
        replay(name, first),
        new Promise((resolve) => setTimeout(resolve, round)).then(() => replay(name, second)),
      ]);
      expect(statuses.map(({ status }) => status)).toContain(202);
      const seen = await shown(name);
      if (!('answer' in seen) && !('previous' in seen)) lost.push(seen);
      const after = await pipeline.settled(name);
      if (after['status'] !== 'completed' || !after['answer'] || after['previous']) lost.push(after);
    };
    for (let round = 0; round < RACES / PICTURES; round += 1)
      await Promise.all(names.map((name) => race(name, round)));
    expect(lost).toEqual([]);
  });

  it('keep the last good answer until a new one replaces it, also through replays that fail', async () => {
    const name = 'describe/kept.jpg';
    await completed(name, 50);
    pipeline.model.behave({ script: [{ json: { nonsense: 1 }, times: 1_000 }] });
    for (let i = 0; i < 2; i += 1) {
      expect((await replay(name)).status).toBe(202);
      await pipeline.settled(name, ({ status }) => status === 'failed');
      const seen = await shown(name);
      expect(seen).not.toHaveProperty('answer');
      expect(seen).toMatchObject({ previous: { answer: DESCRIPTION, profileVersion: 1 } });
    }
    answerAlways(pipeline.model, { ...DESCRIPTION, caption: 'Another one.' });
    expect((await replay(name)).status).toBe(202);
    await pipeline.settled(name, isCompleted);
    const seen = await shown(name);
    expect(seen).toMatchObject({ answer: { caption: 'Another one.' } });
    expect(seen).not.toHaveProperty('previous');
    answerAlways(pipeline.model, DESCRIPTION);
  });

  it.each([{ anew: true }, { anew: false }])(
    'change nothing when the upload is gone and needed (%j)',
    async (how) => {
      const name = `describe/gone-${how.anew}.jpg`;
      await completed(name, 60);
      const before = await pipeline.result(name);
      if (!how.anew) await (await preparedOf(name)).delete();
      await forget(name);
      const refused = await replay(name, how);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ code: 'SOURCE_GONE' });
      expect(await pipeline.result(name)).toEqual(before);
    },
  );

  it('answer again from the prepared picture when the upload is gone', async () => {
    const name = 'describe/half-gone.jpg';
    await completed(name, 61);
    await forget(name);
    expect(await (await replay(name)).json()).toMatchObject({ from: 'analyze' });
    await pipeline.settled(name, isCompleted);
  });

  it.each([{ anew: false }, { anew: true }])('count their times from the replay (%j)', async (how) => {
    const name = `describe/times-${how.anew}.jpg`;
    await completed(name, 70);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await pipeline.firestore.doc(`results/${idOf(name)}`).update({ 'source.uploadedAt': anHourAgo });
    expect((await replay(name, how)).status).toBe(202);
    await pipeline.settled(name, isCompleted);
    const { timings, replayedAt } = (await shown(name)) as unknown as {
      timings: Record<string, number>;
      replayedAt: string;
    };
    const { totalMs = 0, ...parts } = timings;
    expect(totalMs).toBeLessThan(Date.now() - Date.parse(replayedAt) + 1);
    // Each part is rounded on its own.
    const sum = Object.values(parts).reduce((all, part) => all + part, 0);
    expect(sum).toBeLessThanOrEqual(totalMs + Object.keys(parts).length);
  });

  it('notify a webhook of ends alone: what was owed is owed for the next one', async () => {
    const name = 'describe/owed.jpg';
    await pipeline.upload(name, await picture(71), { webhook: 'https://example.com/hook' });
    const first = await pipeline.settled(name, isCompleted);
    const { event } = first['webhook'] as { event: string };
    const seen: Record<string, unknown>[] = [];
    const stop = pipeline.firestore.doc(`results/${idOf(name)}`).onSnapshot((snapshot) => {
      const data = snapshot.data();
      if (data) seen.push(data);
    });
    expect((await replay(name)).status).toBe(202);
    const again = await pipeline.settled(
      name,
      (document) => isCompleted(document) && (document['webhook'] as { event: string }).event !== event,
    );
    stop();
    expect(again['webhook']).toMatchObject({ url: 'https://example.com/hook', attempts: 0 });
    for (const document of seen.filter((one) => !isCompleted(one)))
      expect(document['webhook']).toEqual({ url: 'https://example.com/hook' });
  });

  it('prepare the picture anew in place of the old one, and late news of the old one is no news', async () => {
    const name = 'describe/anew.jpg';
    await completed(name, 62);
    const old = await (await preparedOf(name)).getMetadata().then(([metadata]) => metadata);
    expect(await (await replay(name, { anew: true })).json()).toMatchObject({ from: 'resize' });
    await pipeline.cloud.pubsub.publish('prepared', {
      data: Buffer.from(JSON.stringify(old)),
      attributes: {
        eventType: 'OBJECT_FINALIZE',
        bucketId: 'prepared',
        objectId: String(old.name),
        objectGeneration: String(old.generation),
      },
    });
    const after = await pipeline.settled(name, isCompleted);
    const [fresh] = await (await preparedOf(name)).getMetadata();
    expect(BigInt(String(fresh.generation))).toBeGreaterThan(BigInt(String(old.generation)));
    expect(after).not.toHaveProperty('failure');
  });
});
