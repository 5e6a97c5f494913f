import { describe, expect, it } from 'vitest';
import { objectName } from '../../functions/api/images/object-name.ts';

describe('the name of an upload', () => {
  const unknown = 'application/octet-stream';
  const day = new Date('2026-11-20T23:59:59Z');
  it.each([
    ['IMG_0001.JPG', 'describe/2026-11-20/IMG_0001-abc.jpg'],
    ['../../etc/passwd', 'describe/2026-11-20/etc-passwd-abc'],
    ['a/b\\c#d?e%2F[0]*.png', 'describe/2026-11-20/a-b-c-d-e-2F-0-abc.png'],
    ['  two  words .jpeg', 'describe/2026-11-20/two-words-abc.jpeg'],
    ['冬の棚.heic', 'describe/2026-11-20/冬の棚-abc.heic'],
    ['line\nbreak\u202e.jpg', 'describe/2026-11-20/line-break-abc.jpg'],
    ['', 'describe/2026-11-20/picture-abc'],
    ['.jpg', 'describe/2026-11-20/picture-abc.jpg'],
    [`${'é'.repeat(600)}.jpg`, `describe/2026-11-20/${'é'.repeat(100)}-abc.jpg`],
  ])('keeps what people read of %j', (fileName, name) => {
    expect(objectName('describe', { name: fileName, contentType: unknown }, day, 'abc')).toBe(name);
  });

  it.each([
    ['', 'image/jpeg', 'picture-abc.jpg'],
    ['blob', 'image/PNG', 'blob-abc.png'],
    ['drawing', 'image/svg+xml', 'drawing-abc.svg'],
    ['scan.tif', 'image/jpeg', 'scan-abc.tif'],
    ['photo', 'image/unheard-of', 'photo-abc'],
  ])('gives %j of type %s the extension that is missing', (name, contentType, named) => {
    expect(objectName('describe', { name, contentType }, day, 'abc')).toBe(`describe/2026-11-20/${named}`);
  });

  it('is another one each time', () => {
    const names = Array.from({ length: 100 }, () =>
      objectName('describe', { name: 'a.jpg', contentType: unknown }, day),
    );
    expect(new Set(names).size).toBe(100);
  });
});
