import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { File } from '@google-cloud/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataDir, download, refusal, server, uploads } from './fixture.ts';

export function downloadFacts(): void {
  describe('downloads', () => {
    const content = 'abcdefghijklmnopqrstuvwxyz';
    let file: File;
    beforeAll(async () => {
      file = uploads.file('alphabet');
      await file.save(content, { resumable: false });
    });

    it('give ranges from the start, to the end and from the end', async () => {
      expect((await file.download({ start: 2, end: 4 }))[0].toString()).toBe('cde');
      expect((await file.download({ start: 20 }))[0].toString()).toBe('uvwxyz');
      expect((await file.download({ end: -3 }))[0].toString()).toBe('xyz');
      expect(await refusal(file.download({ start: 26 }))).toBe(416);
    });

    it.each([['crc32c'], ['md5']] as const)('are validated by %s', async (validation) => {
      expect((await file.download({ validation }))[0].toString()).toBe(content);
    });

    it('of an object damaged on disk are refused by the client', async () => {
      const damaged = uploads.file('damaged');
      const marker = randomBytes(1000);
      await damaged.save(marker, { resumable: false });
      const folder = join(dataDir, 'contents');
      for (const path of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const name = join(path.parentPath, path.name);
        if (!path.isFile() || !(await readFile(name)).equals(marker)) continue;
        await writeFile(name, Buffer.alloc(1000));
      }
      await expect(damaged.download()).rejects.toMatchObject({ code: 'CONTENT_DOWNLOAD_MISMATCH' });
    });

    it('carry any character of the content disposition', async () => {
      const named = uploads.file('disposition');
      const contentDisposition = 'attachment; filename="Größe 📦.jpg"';
      await named.save('x', { resumable: false, metadata: { contentDisposition } });
      const answer = await fetch(`${server.url}/storage/v1/b/uploads/o/disposition?alt=media`);
      const raw = Buffer.from(answer.headers.get('content-disposition') ?? '', 'latin1');
      expect(raw.toString('utf8')).toBe(contentDisposition);
    });

    it('of a missing object say which one', async () => {
      const answer = await fetch(`${server.url}/storage/v1/b/uploads/o/never%2Fthere`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({
        error: {
          code: 404,
          message: 'No such object: uploads/never/there',
          errors: [{ message: 'No such object: uploads/never/there', domain: 'global', reason: 'notFound' }],
        },
      });
    });

    it('unpack gzip only for readers that do not take it', async () => {
      const zipped = uploads.file('zipped');
      await zipped.save(content.repeat(99), { resumable: false, gzip: true });
      expect(await download(zipped)).toBe(content.repeat(99));
      const url = `${server.url}/storage/v1/b/uploads/o/zipped?alt=media`;
      const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe(content.repeat(99));
    });
  });

  describe('metadata', () => {
    it('is patched key by key and counts its changes', async () => {
      const file = uploads.file('described');
      await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });
      await file.setMetadata({ contentType: 'image/png', metadata: { a: null, c: '3' } });
      const [metadata] = await file.getMetadata();
      expect(metadata).toMatchObject({
        contentType: 'image/png',
        metageneration: '2',
        metadata: { b: '2', c: '3' },
      });
      expect(metadata.metadata).not.toHaveProperty('a');
      expect(await download(file)).toBe('x');
    });
  });
}
