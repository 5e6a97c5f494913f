import { describe, expect, it } from 'vitest';
import { download, origin, server, uploads } from './fixture.ts';

export function accessFacts(): void {
  describe('signed URLs', () => {
    const expires = (): number => Date.now() + 60_000;
    const sign = async (name: string, options: object): Promise<string> =>
      (
        await uploads
          .file(name)
          .getSignedUrl({ version: 'v4', action: 'read', expires: expires(), ...options })
      )[0];

    it('let a browser upload with a content type and a size limit, and read back', async () => {
      const headers = { 'x-goog-content-length-range': '1,10', 'x-goog-meta-uploader': 'ann' };
      const url = await sign('signed/a b.txt', {
        action: 'write',
        contentType: 'text/plain',
        extensionHeaders: headers,
      });
      const put = (body: string, type = 'text/plain') =>
        fetch(url, { method: 'PUT', body, headers: { ...headers, 'content-type': type } });
      expect((await put('hello')).status).toBe(200);
      expect((await put('far too long')).status).toBe(400);
      expect((await put('hello', 'text/html')).status).toBe(403);
      expect(await (await fetch(await sign('signed/a b.txt', {}))).text()).toBe('hello');
      const [metadata] = await uploads.file('signed/a b.txt').getMetadata();
      expect(metadata).toMatchObject({ contentType: 'text/plain', metadata: { uploader: 'ann' } });
    });

    it('start resumable uploads', async () => {
      const url = await sign('signed/resumable', { action: 'resumable' });
      const started = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
      expect(started.status).toBe(201);
      const done = await fetch(String(started.headers.get('location')), { method: 'PUT', body: 'hello' });
      expect(done.status).toBe(200);
      expect(await download(uploads.file('signed/resumable'))).toBe('hello');
    });

    it('are refused when altered, used for another object, or expired', async () => {
      await uploads.file('signed/secret').save('s', { resumable: false });
      const url = await sign('signed/other', {});
      expect((await fetch(url.replace('signed/other', 'signed/secret'))).status).toBe(403);
      expect((await fetch(`${url}&response-content-type=text/html`)).status).toBe(403);
      expect((await fetch(await sign('signed/secret', {}), { method: 'DELETE' })).status).toBe(403);
      const old = await sign('signed/secret', {
        accessibleAt: Date.now() - 120_000,
        expires: Date.now() + 500,
      });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const expired = await fetch(old);
      expect(expired.status).toBe(400);
      expect(await expired.text()).toContain('<Code>ExpiredToken</Code>');
    });
  });

  describe('browsers', () => {
    it('of listed origins may call, others get no permission', async () => {
      const preflight = (from: string) =>
        fetch(`${server.url}/storage/v1/b/uploads/o`, {
          method: 'OPTIONS',
          headers: {
            origin: from,
            'access-control-request-method': 'PUT',
            'access-control-request-headers': 'x-a',
          },
        });
      const allowed = await preflight(origin);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
      expect(allowed.headers.get('access-control-allow-headers')).toBe('x-a');
      expect((await preflight('http://elsewhere')).headers.get('access-control-allow-origin')).toBeNull();
      const read = await fetch(`${server.url}/storage/v1/b/uploads`, { headers: { origin } });
      expect(read.headers.get('access-control-allow-origin')).toBe(origin);
    });
  });
}
