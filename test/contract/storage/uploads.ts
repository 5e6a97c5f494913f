import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { crc32cOf } from '../../../shared/cloud/storage/streams.ts';
import { heldInBuffers } from '../../support/held-memory.ts';
import { download, refusal, server, storage, uploads } from './fixture.ts';

export function uploadFacts(): void {
  describe('uploads', () => {
    it.each([
      ['in one request', { resumable: false }],
      ['resumably', { resumable: true }],
      ['resumably in chunks of 256 KiB', { resumable: true, chunkSize: 256 * 1024 }],
    ])('arrive whole when sent %s', async (title, options) => {
      const bytes = randomBytes(700_001);
      const file = uploads.file(`whole/${title}`);
      await file.save(bytes, {
        ...options,
        contentType: 'image/jpeg',
        metadata: { metadata: { uploader: 'ann' } },
      });
      const [metadata] = await file.getMetadata();
      expect(metadata).toMatchObject({
        size: '700001',
        contentType: 'image/jpeg',
        metadata: { uploader: 'ann' },
        md5Hash: createHash('md5').update(bytes).digest('base64'),
        metageneration: '1',
      });
      expect((await file.download())[0].equals(bytes)).toBe(true);
    });

    it('accept an empty object', async () => {
      await uploads.file('empty').save('', { resumable: false });
      await uploads.file('empty-resumable').save('', { resumable: true });
      expect(await download(uploads.file('empty'))).toBe('');
      expect(await download(uploads.file('empty-resumable'))).toBe('');
    });

    it('that are refused halfway leave their connection ready for the next request', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = (
        path: string,
        headers: Record<string, string>,
        body?: Buffer,
      ): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const sending = request(`${server.url}${path}`, { method: body ? 'POST' : 'GET', agent, headers });
          sending.once('error', reject).once('response', (response) => {
            response.resume().once('end', () => resolve(response.statusCode));
          });
          sending.end(body);
        });
      const start = Buffer.from('--x\r\nContent-Type: application/json\r\n\r\n');
      const endless = Buffer.concat([start, Buffer.alloc(8 * 1024 * 1024, 'a')]);
      const type = { 'Content-Type': 'multipart/related; boundary=x' };
      const refused = await ask('/upload/storage/v1/b/uploads/o?uploadType=multipart', type, endless);
      expect(refused).toBe(400);
      expect(await ask('/storage/v1/b/uploads', {})).toBe(200);
      agent.destroy();
    });

    it('of 96 MB pass through without being held in memory', async () => {
      const piece = randomBytes(1024 * 1024);
      let sent = 0;
      let peak = 0;
      const measure = () => {
        peak = Math.max(peak, heldInBuffers());
      };
      const source = Readable.from(
        (function* () {
          for (; sent < 96; sent++) {
            if (sent % 8 === 0) measure();
            yield piece;
          }
        })(),
      );
      const before = heldInBuffers();
      const file = uploads.file('large');
      await pipeline(source, file.createWriteStream({ resumable: false, validation: false }));
      const hash = createHash('md5');
      let read = 0;
      for await (const chunk of file.createReadStream()) {
        const part = Math.floor(read / (8 * 1024 * 1024));
        read += chunk.length;
        if (Math.floor(read / (8 * 1024 * 1024)) > part) measure();
        hash.update(chunk);
      }
      const [metadata] = await file.getMetadata();
      expect(metadata.size).toBe(String(96 * 1024 * 1024));
      expect(hash.digest('base64')).toBe(metadata.md5Hash);
      expect(peak - before).toBeLessThan(64 * 1024 * 1024);
    });

    it('into an unknown bucket are refused', async () => {
      const file = storage.bucket('nowhere').file('x');
      expect(await refusal(file.save('x', { resumable: false }))).toBe(404);
      expect(await refusal(file.save('x', { resumable: true }))).toBe(404);
    });

    it('whose bytes do not match the announced checksum leave no object', async () => {
      const file = uploads.file('bad-sum');
      const wrong = createHash('md5').update('other').digest('base64');
      expect(await refusal(file.save('x', { resumable: false, metadata: { md5Hash: wrong } }))).toBe(400);
      const otherCrc = crc32cOf(Buffer.from('other'));
      expect(
        await refusal(
          file.save('x', { resumable: false, validation: false, metadata: { crc32c: otherCrc } }),
        ),
      ).toBe(400);
      const answer = await fetch(
        `${server.url}/upload/storage/v1/b/uploads/o?uploadType=media&name=bad-sum`,
        {
          method: 'POST',
          body: 'x',
          headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
        },
      );
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { code: 400, errors: [{ reason: 'invalid' }] } });
      expect((await file.exists())[0]).toBe(false);
    });

    it('that end before the closing boundary leave no object', async () => {
      const answer = await fetch(
        `${server.url}/upload/storage/v1/b/uploads/o?uploadType=multipart&name=torn`,
        {
          method: 'POST',
          headers: { 'content-type': 'multipart/related; boundary=b' },
          body: '--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf of it',
        },
      );
      expect(answer.status).toBe(400);
      expect((await uploads.file('torn').exists())[0]).toBe(false);
    });
  });

  describe('a resumable session', () => {
    const start = async (name: string): Promise<string> =>
      (await uploads.file(name).createResumableUpload())[0];
    const put = (uri: string, body: Buffer<ArrayBuffer> | string, range?: string): Promise<Response> =>
      fetch(uri, { method: 'PUT', body, headers: range ? { 'content-range': range } : {} });

    it('tells how far it is, ignores bytes it has, and completes', async () => {
      const bytes = Buffer.from(randomBytes(300_000));
      const uri = await start('session');
      expect((await put(uri, '', 'bytes */*')).headers.get('range')).toBeNull();
      const first = await put(uri, bytes.subarray(0, 262_144), 'bytes 0-262143/*');
      expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
      const status = await put(uri, '', 'bytes */300000');
      expect([status.status, status.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
      const last = await put(uri, bytes.subarray(200_000), 'bytes 200000-299999/300000');
      expect(await last.json()).toMatchObject({ name: 'session', size: '300000' });
      expect((await put(uri, '', 'bytes */*')).status).toBe(200);
      expect((await uploads.file('session').download())[0].equals(bytes)).toBe(true);
    });

    it('keeps whole 256 KiB of a chunk and asks for the rest again', async () => {
      const uri = await start('odd-chunk');
      const answer = await put(uri, Buffer.alloc(300_000), 'bytes 0-299999/*');
      expect(answer.headers.get('range')).toBe('bytes=0-262143');
    });

    it('is refused bytes that leave a gap', async () => {
      const answer = await put(await start('gap'), 'x', 'bytes 10-10/11');
      expect(answer.status).toBe(400);
    });

    it('ends when it is cancelled', async () => {
      const uri = await start('cancelled');
      expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499);
      expect((await put(uri, 'x')).status).toBe(404);
    });
  });
}
