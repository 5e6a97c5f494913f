import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  // As on Cloud Run, where the exception that a local cloud makes for addresses of its machine does not hold.
  pipeline = await startPipeline({ functionEnv: { 'resize-image': { K_SERVICE: 'resize-image' } } });
});

afterAll(() => pipeline.close());

describe('a picture whose upload names a webhook', () => {
  it('owes it a word from the very write that ends the picture', async () => {
    const seen: Record<string, unknown>[] = [];
    const name = 'describe/told.jpg';
    const stop = pipeline.firestore.doc(`results/${idOf(name)}`).onSnapshot((snapshot) => {
      const data = snapshot.data();
      if (data) seen.push(data);
    });
    await pipeline.upload(name, await picture(1), { webhook: 'https://example.com/hook?a=1' });
    const document = await pipeline.settled(name);
    stop();
    expect(document['webhook']).toMatchObject({ url: 'https://example.com/hook?a=1', attempts: 0 });
    const ends = seen.filter(({ status }) => status === 'completed');
    expect(ends[0]?.['webhook']).toMatchObject({ event: expect.any(String), dueAt: expect.anything() });
    for (const before of seen.filter(({ status }) => status !== 'completed'))
      expect(before['webhook']).toEqual({ url: 'https://example.com/hook?a=1' });
  });

  it('owes it also when the picture is refused', async () => {
    await pipeline.upload('describe/no.jpg', Buffer.from('no picture'), { webhook: 'https://example.com/' });
    const document = await pipeline.settled('describe/no.jpg');
    expect(document).toMatchObject({ status: 'refused', webhook: { event: expect.any(String) } });
  });

  it.each(['http://example.com/', 'https://10.0.0.1/', 'nonsense', 'http://127.0.0.1:9/hook'])(
    'of the kind %s is answered and tells nobody',
    async (url) => {
      const name = `describe/odd-${url.length}.jpg`;
      await pipeline.upload(name, await picture(url.length), { webhook: url });
      expect(await pipeline.settled(name)).not.toHaveProperty('webhook');
    },
  );
});
