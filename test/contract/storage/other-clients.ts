import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { download, server, uploads } from './fixture.ts';

const KIBIBYTES_256 = 256 * 1024;
const MEBIBYTES_5 = 5 * 1024 * 1024;

/** Requests byte for byte as the clients of other languages send them, where Node's own sends nothing like it. */
export function otherClientFacts(): void {
  const object = (name: string): string => `${server.url}/storage/v1/b/uploads/o/${encodeURIComponent(name)}`;
  const put = (name: string, text: string) =>
    uploads
      .file(name)
      .save(text, { resumable: false, contentType: 'text/plain', metadata: { metadata: { by: 'ann' } } });

  describe('the Go client', () => {
    it('reads at /BUCKET/OBJECT without a token or with any, whole, in part and only the headers', async () => {
      await put('go/a b.txt', 'hello');
      const url = `${server.url}/uploads/go/a%20b.txt`;
      const whole = await fetch(url);
      expect(await whole.text()).toBe('hello');
      expect(whole.headers.get('x-goog-meta-by')).toBe('ann');
      expect(whole.headers.get('x-goog-hash')).toMatch(/^crc32c=.+,md5=.+/);
      const part = await fetch(url, { headers: { range: 'bytes=1-2', authorization: 'Bearer any' } });
      expect([part.status, await part.text()]).toEqual([206, 'el']);
      expect((await fetch(url, { method: 'HEAD' })).headers.get('x-goog-stored-content-length')).toBe('5');
      expect((await fetch(`${server.url}/uploads/go/none`)).status).toBe(404);
    });

    it('uploads in chunks and is told to go on by a header in place of the code 308', async () => {
      const started = await fetch(
        `${server.url}/upload/storage/v1/b/uploads/o?uploadType=resumable&name=go/big`,
        {
          method: 'POST',
        },
      );
      const session = String(started.headers.get('location'));
      const chunk = (body: Buffer, range: string) =>
        fetch(session, {
          method: 'POST',
          body,
          headers: { 'content-range': range, 'x-guploader-no-308': 'yes' },
        });
      const first = await chunk(Buffer.alloc(KIBIBYTES_256, 'a'), `bytes 0-${KIBIBYTES_256 - 1}/*`);
      expect([first.status, first.headers.get('x-http-status-code-override')]).toEqual([200, '308']);
      expect(first.headers.get('range')).toBe(`bytes=0-${KIBIBYTES_256 - 1}`);
      const last = await chunk(
        Buffer.from('end'),
        `bytes ${KIBIBYTES_256}-${KIBIBYTES_256 + 2}/${KIBIBYTES_256 + 3}`,
      );
      expect(last.headers.get('x-http-status-code-override')).toBeNull();
      expect(((await last.json()) as { size: string }).size).toBe(String(KIBIBYTES_256 + 3));
    });
  });

  describe('rclone', () => {
    it('copies with a body that says null', async () => {
      await put('rclone/a', 'x');
      const copied = await fetch(`${object('rclone/a')}/rewriteTo/b/uploads/o/rclone%2Fb`, {
        method: 'POST',
        body: 'null',
      });
      expect(copied.status).toBe(200);
      expect((await uploads.file('rclone/b').getMetadata())[0].metadata).toMatchObject({ by: 'ann' });
    });
  });

  describe('the Java client', () => {
    it('sends its bodies compressed: metadata, small uploads and compositions', async () => {
      await put('java/a', 'first');
      const compressed = { 'content-encoding': 'gzip' };
      const patched = await fetch(object('java/a'), {
        method: 'PATCH',
        body: gzipSync('{"metadata":{"k":"1"}}'),
        headers: { ...compressed, 'content-type': 'application/json' },
      });
      expect(await patched.json()).toMatchObject({ metadata: { by: 'ann', k: '1' } });
      const related =
        '--b\r\nContent-Type: application/json\r\n\r\n{"name":"java/b"}\r\n--b\r\nContent-Type: text/plain\r\n\r\nsecond\r\n--b--\r\n';
      const created = await fetch(`${server.url}/upload/storage/v1/b/uploads/o?uploadType=multipart`, {
        method: 'POST',
        body: gzipSync(related),
        headers: { ...compressed, 'content-type': 'multipart/related; boundary=b' },
      });
      expect(created.status).toBe(200);
      const composed = await fetch(`${object('java/c')}/compose`, {
        method: 'POST',
        body: gzipSync('{"sourceObjects":[{"name":"java/a"},{"name":"java/b"}]}'),
        headers: compressed,
      });
      expect(composed.status).toBe(200);
      expect(await download(uploads.file('java/c'))).toBe('firstsecond');
      const broken = await fetch(object('java/a'), { method: 'PATCH', body: 'plain', headers: compressed });
      expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('not gzip')]);
    });

    it('updates by a POST that says PATCH in a header', async () => {
      await put('java/over', 'x');
      const updated = await fetch(object('java/over'), {
        method: 'POST',
        body: '{"metadata":{"k":"2"}}',
        headers: { 'x-http-method-override': 'PATCH' },
      });
      expect(await updated.json()).toMatchObject({ metadata: { by: 'ann', k: '2' } });
    });
  });

  describe('a batch', () => {
    const batch = (calls: string[]) =>
      fetch(`${server.url}/batch/storage/v1`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/mixed; boundary="===b=="' },
        body: `${calls
          .map(
            (call, index) =>
              `--===b==\nContent-Type: application/http\nMIME-Version: 1.0\nContent-ID: <id+${index}>\n\n${call}\n`,
          )
          .join('')}--===b==--\n`,
      });

    it('does several calls in one request and answers each in its place', async () => {
      await put('batch/1', 'x');
      await put('batch/2', 'x');
      const answer = await batch([
        'DELETE /storage/v1/b/uploads/o/batch%2F1 HTTP/1.1\n',
        'PATCH /storage/v1/b/uploads/o/batch%2F2 HTTP/1.1\nContent-Type: application/json\n\n{"metadata":{"n":"2"}}',
        'DELETE /storage/v1/b/uploads/o/batch%2Fnone HTTP/1.1\n',
      ]);
      const text = await answer.text();
      expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 200', 'HTTP/1.1 404']);
      expect(text.match(/Content-ID: .*/g)).toEqual([
        'Content-ID: <response-id+0>',
        'Content-ID: <response-id+1>',
        'Content-ID: <response-id+2>',
      ]);
      expect((await uploads.file('batch/1').exists())[0]).toBe(false);
      expect((await uploads.file('batch/2').getMetadata())[0].metadata).toMatchObject({ n: '2' });
    });

    it('takes no uploads and no downloads', async () => {
      const answer = await batch(['GET /storage/v1/b/uploads/o/a?alt=media HTTP/1.1\n']);
      expect(answer.status).toBe(400);
      const elsewhere = await batch(['GET http://127.0.0.1:1/other HTTP/1.1\n']);
      expect(elsewhere.status).toBe(400);
    });
  });

  describe('an upload in parts (XML API)', () => {
    const url = (name: string, query: string) => `${server.url}/uploads/${name}?${query}`;
    const start = async (name: string): Promise<string> => {
      const headers = { 'content-type': 'image/jpeg', 'x-goog-meta-by': 'bob' };
      const started = await fetch(url(name, 'uploads'), { method: 'POST', headers });
      return /<UploadId>(.*)<\/UploadId>/.exec(await started.text())?.[1] ?? '';
    };
    const part = async (name: string, id: string, number: number, body: Buffer): Promise<string> => {
      const sent = await fetch(url(name, `partNumber=${number}&uploadId=${id}`), { method: 'PUT', body });
      return `<Part><PartNumber>${number}</PartNumber><ETag>${sent.headers.get('etag')}</ETag></Part>`;
    };
    const complete = (name: string, id: string, parts: string[]) =>
      fetch(url(name, `uploadId=${id}`), {
        method: 'POST',
        body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      });

    it('becomes one object with the metadata of its start, in the order of the part numbers', async () => {
      const id = await start('parts/a');
      const second = await part('parts/a', id, 2, Buffer.from('end'));
      const first = await part('parts/a', id, 1, Buffer.alloc(MEBIBYTES_5, 'x'));
      const listed = await (await fetch(url('parts/a', `uploadId=${id}`))).text();
      expect(listed.match(/<PartNumber>\d<\/PartNumber>/g)).toEqual(
        ['1', '2'].map((number) => `<PartNumber>${number}</PartNumber>`),
      );
      expect((await complete('parts/a', id, [first, second])).status).toBe(200);
      const [metadata] = await uploads.file('parts/a').getMetadata();
      expect(metadata).toMatchObject({
        size: String(MEBIBYTES_5 + 3),
        contentType: 'image/jpeg',
        metadata: { by: 'bob' },
      });
      expect(metadata.md5Hash).toBeUndefined();
      const [bytes] = await uploads.file('parts/a').download({ start: MEBIBYTES_5 });
      expect(bytes.toString()).toBe('end');
    });

    it('is refused with small parts, wrong tags or a wrong order, and can be given up', async () => {
      const id = await start('parts/b');
      const first = await part('parts/b', id, 1, Buffer.from('small'));
      const second = await part('parts/b', id, 2, Buffer.from('end'));
      const code = async (parts: string[]) =>
        /<Code>(.*)<\/Code>/.exec(await (await complete('parts/b', id, parts)).text())?.[1];
      expect(await code([first, second])).toBe('EntityTooSmall');
      expect(await code([second, first])).toBe('InvalidPartOrder');
      expect(await code([first.replace(/<ETag>.*<\/ETag>/, '<ETag>"0"</ETag>')])).toBe('InvalidPart');
      expect(await (await fetch(`${server.url}/uploads?uploads`)).text()).toContain(id);
      expect((await fetch(url('parts/b', `uploadId=${id}`), { method: 'DELETE' })).status).toBe(204);
      expect(await code([first])).toBe('NoSuchUpload');
    });
  });

  describe('conditions by entity tag', () => {
    it('answer 304 to who has the object already and 412 to who means another one', async () => {
      await put('tags/a', 'hello');
      const { etag } = (await (await fetch(object('tags/a'))).json()) as { etag: string };
      const status = async (url: string, headers: Record<string, string>, method = 'GET') =>
        (await fetch(url, { headers, method })).status;
      for (const url of [object('tags/a'), `${object('tags/a')}?alt=media`]) {
        expect(await status(url, { 'if-none-match': etag })).toBe(304);
        expect(await status(url, { 'if-none-match': `W/"other", "${etag}"` })).toBe(304);
        expect(await status(url, { 'if-match': etag })).toBe(200);
        expect(await status(url, { 'if-match': '"other"' })).toBe(412);
      }
      expect(await status(object('tags/a'), { 'if-match': '"other"' }, 'DELETE')).toBe(412);
      const xml = `${server.url}/uploads/tags/a`;
      const read = await fetch(xml);
      const since = { 'if-modified-since': String(read.headers.get('last-modified')) };
      expect(await status(xml, { 'if-none-match': String(read.headers.get('etag')) })).toBe(304);
      expect(await status(xml, since)).toBe(304);
      expect(await status(xml, { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412);
    });
  });
}
