import { describe, expect, it } from 'vitest';
import { messages, refusal, server, storage, uploads } from './fixture.ts';

export function notificationFacts(): void {
  describe('notifications', () => {
    const about = (name: string, topic = 'all-events') =>
      messages.filter((message) => message.topic === topic && message.attributes['objectId'] === name);

    it('tell of a new object, its overwriting, its metadata and its deletion', async () => {
      const file = storage.bucket('watched').file('a.jpg');
      await file.save('one', { resumable: false, contentType: 'image/jpeg' });
      const [one] = await file.getMetadata();
      await file.save('two', { resumable: true });
      const [two] = await file.getMetadata();
      await file.setMetadata({ metadata: { k: 'v' } });
      await file.delete();
      const common = { bucketId: 'watched', objectId: 'a.jpg', payloadFormat: 'JSON_API_V1' };
      expect(
        about('a.jpg').map(({ attributes: { eventTime: _, notificationConfig: __, ...rest } }) => rest),
      ).toEqual([
        { ...common, eventType: 'OBJECT_FINALIZE', objectGeneration: one.generation },
        {
          ...common,
          eventType: 'OBJECT_FINALIZE',
          objectGeneration: two.generation,
          overwroteGeneration: one.generation,
        },
        {
          ...common,
          eventType: 'OBJECT_DELETE',
          objectGeneration: one.generation,
          overwrittenByGeneration: two.generation,
        },
        { ...common, eventType: 'OBJECT_METADATA_UPDATE', objectGeneration: two.generation },
        { ...common, eventType: 'OBJECT_DELETE', objectGeneration: two.generation },
      ]);
      expect(about('a.jpg')[0]?.attributes['notificationConfig']).toBe(
        'projects/_/buckets/watched/notificationConfigs/1',
      );
      expect(about('a.jpg')[0]?.resource).toMatchObject({
        name: 'a.jpg',
        size: '3',
        contentType: 'image/jpeg',
      });
    });

    it('obey the event types and the prefix of their configuration', async () => {
      const bucket = storage.bucket('watched');
      await bucket.file('photos/1').save('x', { resumable: false });
      await bucket.file('photos/1').delete();
      await bucket.file('other/1').save('x', { resumable: false });
      const told = messages.filter(({ topic }) => topic === 'new-photos').map(({ attributes }) => attributes);
      expect(told).toMatchObject([{ objectId: 'photos/1', eventType: 'OBJECT_FINALIZE' }]);
    });
  });

  describe('faults', () => {
    it('make the server answer 503, break connections or stay silent until they are lifted', async () => {
      const file = uploads.file('alphabet');
      server.setFault('unavailable');
      expect(await refusal(file.getMetadata())).toBe(503);
      server.setFault('reset');
      await expect(fetch(`${server.url}/b/uploads`)).rejects.toThrow('fetch failed');
      server.setFault('hang');
      let answered = false;
      const silent = fetch(`${server.url}/b/uploads`).then((response) => {
        answered = true;
        return response.status;
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(answered).toBe(false);
      server.setFault('none');
      expect(await silent).toBe(200);
    });
  });

  it('counts operations by kind', async () => {
    const before = server.operations()['delete'] ?? 0;
    await uploads.file('counted').save('x', { resumable: false });
    await uploads.file('counted').delete();
    expect(server.operations()['delete']).toBe(before + 1);
  });
}
