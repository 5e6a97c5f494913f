import { describe, expect, it } from 'vitest';
import { download, refusal, uploads } from './fixture.ts';

export function nameFacts(): void {
  describe('object names', () => {
    it.each([
      ['spaces', 'a b  c.jpg'],
      ['accents', 'Größe/é.jpg'],
      ['emoji', '📦/🏷️.jpg'],
      ['reserved characters', 'a#b?c&d=e+f%g.jpg'],
      ['an escape', 'a%2Fb%20c'],
      ['brackets', 'photo[0].jpg'],
      ['dots', 'a/../../etc/passwd'],
      ['a leading slash', '/leading'],
      ['double slashes', 'a//b/'],
      ['quotes and backslash', `"'\\<>`],
      ['the word of another route', 'b/uploads/o/x/rewriteTo/b/y/o/z'],
      ['1,024 bytes', 'é'.repeat(512)],
    ])('may hold %s', async (_, name) => {
      for (const resumable of [false, true]) {
        await uploads.file(name).save(name, { resumable });
        expect(await download(uploads.file(name))).toBe(name);
      }
      expect((await uploads.file(name).getMetadata())[0].name).toBe(name);
      expect((await uploads.getFiles({ prefix: name }))[0].map((file) => file.name)).toContain(name);
      await uploads.file(name).delete();
    });

    it.each([
      ['a line feed', 'a\nb'],
      ['a carriage return', 'a\rb'],
      ['more than 1,024 bytes', 'é'.repeat(513)],
      ['two dots alone', '..'],
    ])('may not hold %s', async (_, name) => {
      expect(await refusal(uploads.file(name).save('x', { resumable: false }))).toBe(400);
    });
  });
}
