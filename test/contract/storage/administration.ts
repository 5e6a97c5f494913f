import { describe, expect, it } from 'vitest';
import { download, messages, refusal, server, storage, uploads } from './fixture.ts';

const DAY_MS = 86_400_000;

export function administrationFacts(): void {
  describe('a bucket', () => {
    it('is made with a place, changed, and deleted once it is empty', async () => {
      const [bucket] = await storage.createBucket('managed', { location: 'EU', labels: { team: 'stock' } });
      expect(bucket.metadata).toMatchObject({
        location: 'EU',
        labels: { team: 'stock' },
        metageneration: '1',
      });
      const [patched] = await bucket.setMetadata({ labels: { team: null, cost: 'shop' } });
      expect(patched).toMatchObject({ labels: { cost: 'shop' }, location: 'EU', metageneration: '2' });
      await bucket.file('a').save('x', { resumable: false });
      expect(await refusal(bucket.delete())).toBe(409);
      await bucket.file('a').delete();
      await bucket.delete();
      expect((await bucket.exists())[0]).toBe(false);
    });

    it('keeps a policy, refuses the public and a stale one, and tells what its caller may do', async () => {
      const [bucket] = await storage.createBucket('policed');
      const [policy] = await bucket.iam.getPolicy();
      const viewer = { role: 'roles/storage.objectViewer', members: ['user:ann@example.com'] };
      await bucket.iam.setPolicy({ ...policy, bindings: [...policy.bindings, viewer] });
      expect((await bucket.iam.getPolicy())[0].bindings).toContainEqual(viewer);
      expect(await refusal(bucket.iam.setPolicy(policy))).toBe(412);
      const everyone = { bindings: [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }] };
      expect(await refusal(bucket.iam.setPolicy(everyone))).toBe(412);
      const [allowed] = await bucket.iam.testPermissions(['storage.objects.get']);
      expect(allowed).toEqual({ 'storage.objects.get': true });
    });

    it('keeps old versions from when it is told to', async () => {
      const [bucket] = await storage.createBucket('versioned', { versioning: { enabled: true } });
      const file = bucket.file('a');
      await file.save('old', { resumable: false });
      const old = file.metadata.generation;
      await file.save('new', { resumable: false });
      expect(await download(bucket.file('a', { generation: Number(old) }))).toBe('old');
      expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(2);
      await bucket.setMetadata({ versioning: { enabled: false } });
      await file.delete();
      expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(1);
    });

    it('gives back what was deleted for as long as it says', async () => {
      const [bucket] = await storage.createBucket('soft', {
        softDeletePolicy: { retentionDurationSeconds: (7 * DAY_MS) / 1000 },
      });
      const file = bucket.file('a');
      await file.save('precious', { resumable: false });
      const generation = String(file.metadata.generation);
      await file.delete();
      expect((await file.exists())[0]).toBe(false);
      const [kept] = await bucket.getFiles({ softDeleted: true });
      expect(kept.map(({ name, metadata }) => [name, metadata.generation])).toEqual([['a', generation]]);
      await bucket.file('a').restore({ generation: Number(generation) });
      expect(await download(bucket.file('a'))).toBe('precious');
      await bucket.file('a').delete();
      await server.keepHouse(Date.now() + 8 * DAY_MS);
      expect((await bucket.getFiles({ softDeleted: true }))[0]).toEqual([]);
    });

    it('obeys its lifecycle rules, but not against a hold', async () => {
      const [bucket] = await storage.createBucket('aging', {
        lifecycle: {
          rule: [
            { action: { type: 'Delete' }, condition: { age: 30, matchesPrefix: ['tmp/'] } },
            { action: { type: 'SetStorageClass', storageClass: 'NEARLINE' }, condition: { age: 10 } },
          ],
        },
      });
      for (const name of ['tmp/a', 'tmp/held', 'photo'])
        await bucket.file(name).save('x', { resumable: false });
      await bucket.file('tmp/held').setMetadata({ temporaryHold: true });
      const classes = async () =>
        (await bucket.getFiles())[0].map(({ name, metadata }) => `${name} ${metadata.storageClass}`);
      await server.keepHouse(Date.now() + 9 * DAY_MS);
      expect(await classes()).toEqual(['photo STANDARD', 'tmp/a STANDARD', 'tmp/held STANDARD']);
      await server.keepHouse(Date.now() + 31 * DAY_MS);
      expect(await classes()).toEqual(['photo NEARLINE', 'tmp/held STANDARD']);
    });
  });

  describe('notification configurations', () => {
    it('name their topic in full, are made and deleted, and then tell or keep silent', async () => {
      const [bucket] = await storage.createBucket('notified');
      const topic = 'projects/my-project/topics/photos';
      const [made] = await bucket.createNotification(topic, {
        eventTypes: ['OBJECT_FINALIZE'],
        customAttributes: { shop: '7' },
      });
      expect((await bucket.getNotifications())[0][0]?.metadata).toMatchObject({
        topic: `//pubsub.googleapis.com/${topic}`,
      });
      const told = () => messages.filter(({ attributes }) => attributes['bucketId'] === 'notified');
      await bucket.file('a').save('x', { resumable: false });
      expect(told()).toEqual([
        expect.objectContaining({ topic: 'photos', attributes: expect.objectContaining({ shop: '7' }) }),
      ]);
      await made.delete();
      await bucket.file('b').save('x', { resumable: false });
      expect(told()).toHaveLength(1);
    });
  });

  describe('the project', () => {
    it('has the account that Cloud Storage publishes with', async () => {
      const [account] = await storage.getServiceAccount();
      expect(account.emailAddress).toMatch(/@gs-project-accounts\.iam\.gserviceaccount\.com$/);
    });
  });

  describe('objects', () => {
    it('move in one step: the new name is there, the old one is not', async () => {
      await uploads.file('move/a').save('x', { resumable: false, contentType: 'text/css' });
      await uploads.file('move/a').moveFileAtomic('move/b');
      expect((await uploads.file('move/a').exists())[0]).toBe(false);
      expect((await uploads.file('move/b').getMetadata())[0].contentType).toBe('text/css');
      expect(await download(uploads.file('move/b'))).toBe('x');
      expect(await refusal(uploads.file('move/none').moveFileAtomic('move/c'))).toBe(404);
    });

    it('under a hold are neither deleted nor replaced', async () => {
      const file = uploads.file('held/a');
      await file.save('x', { resumable: false });
      await file.setMetadata({ temporaryHold: true });
      expect(await refusal(file.delete())).toBe(403);
      expect(await refusal(file.save('y', { resumable: false }))).toBe(403);
      await file.setMetadata({ temporaryHold: false });
      await file.delete();
    });

    it('keep their storage class until they are rewritten', async () => {
      const file = uploads.file('classes/a');
      await file.save('x', {
        resumable: false,
        metadata: { storageClass: 'NEARLINE', metadata: { k: 'v' } },
      });
      expect((await file.getMetadata())[0].storageClass).toBe('NEARLINE');
      await file.setStorageClass('COLDLINE');
      expect((await file.getMetadata())[0]).toMatchObject({ storageClass: 'COLDLINE', metadata: { k: 'v' } });
    });

    it('are found by glob, and answers hold only the fields asked for', async () => {
      for (const name of ['glob/a.jpg', 'glob/b.png', 'glob/deep/c.jpg'])
        await uploads.file(name).save('x', { resumable: false });
      const names = async (matchGlob: string) =>
        (await uploads.getFiles({ matchGlob }))[0].map(({ name }) => name);
      expect(await names('glob/*.jpg')).toEqual(['glob/a.jpg']);
      expect(await names('glob/**.jpg')).toEqual(['glob/a.jpg', 'glob/deep/c.jpg']);
      expect(await names('glob/[!a].{png,jpg}')).toEqual(['glob/b.png']);
      const list = `${server.url}/storage/v1/b/uploads/o?prefix=glob/&maxResults=1`;
      const page = await (await fetch(`${list}&fields=items(name,size),nextPageToken`)).json();
      expect(page).toEqual({ items: [{ name: 'glob/a.jpg', size: '1' }], nextPageToken: expect.any(String) });
      expect((await fetch(`${list}&fields=items(name`)).status).toBe(400);
    });
  });
}
