import type { Bucket, File, GetFilesOptions } from '@google-cloud/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { download, refusal, storage, uploads } from './fixture.ts';

export function listingFacts(): void {
  describe('listings', () => {
    const names = ['a', 'p/1', 'p/2', 'p/q/1', 'p/q/2', 'p/r/1', 'p/s', '\u{ff5e}', '\u{1f600}'];
    let bucket: Bucket;
    beforeAll(async () => {
      [bucket] = await storage.createBucket('listed');
      await Promise.all(names.toReversed().map((name) => bucket.file(name).save(name, { resumable: false })));
    });
    const listed = (files: File[]): string[] => files.map((file) => file.name);

    it('are in order of UTF-8 bytes', async () => {
      expect(listed((await bucket.getFiles())[0])).toEqual(names);
    });

    it('know prefixes, delimiters and offsets', async () => {
      expect(listed((await bucket.getFiles({ prefix: 'p/q/' }))[0])).toEqual(['p/q/1', 'p/q/2']);
      const [files, , page] = await bucket.getFiles({ prefix: 'p/', delimiter: '/', autoPaginate: false });
      expect(listed(files)).toEqual(['p/1', 'p/2', 'p/s']);
      expect(page).toMatchObject({ prefixes: ['p/q/', 'p/r/'] });
      const [part] = await bucket.getFiles({ startOffset: 'p/2', endOffset: 'p/r/1' });
      expect(listed(part)).toEqual(['p/2', 'p/q/1', 'p/q/2']);
    });

    async function allPages(query: GetFilesOptions): Promise<string[]> {
      const [files, next, page] = await bucket.getFiles({ ...query, autoPaginate: false });
      const { prefixes = [] } = page as { prefixes?: string[] };
      return [...listed(files), ...prefixes, ...(next ? await allPages(next) : [])];
    }

    it.each([1, 2, 3])('page by %i without losing or repeating a name or prefix', async (maxResults) => {
      expect(await allPages({ maxResults })).toEqual(names);
      const folder = await allPages({ prefix: 'p/', delimiter: '/', maxResults });
      expect(folder.sort()).toEqual(['p/1', 'p/2', 'p/q/', 'p/r/', 'p/s']);
    });
  });

  describe('copies and deletions', () => {
    it('copy bytes and metadata to another bucket, and survive the source', async () => {
      const source = uploads.file('source');
      await source.save('copied', {
        resumable: false,
        contentType: 'text/plain',
        metadata: { metadata: { k: 'v' } },
      });
      const target = storage.bucket('prepared').file('target');
      await source.copy(target);
      await source.delete();
      expect((await source.exists())[0]).toBe(false);
      expect(await refusal(source.delete())).toBe(404);
      expect(await download(target)).toBe('copied');
      expect((await target.getMetadata())[0]).toMatchObject({
        contentType: 'text/plain',
        metadata: { k: 'v' },
      });
    });

    it('compose several objects into one', async () => {
      const parts = await Promise.all(
        ['one ', 'two ', 'three'].map(async (text, i) => {
          const part = uploads.file(`part-${i}`);
          await part.save(text, { resumable: false });
          return part;
        }),
      );
      const [whole] = await uploads.combine(parts, uploads.file('composed'));
      expect(await download(whole)).toBe('one two three');
      expect((await whole.getMetadata())[0]).toMatchObject({ componentCount: 3 });
    });
  });
}
