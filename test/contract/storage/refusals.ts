import { describe, expect, it } from 'vitest';
import { server } from './fixture.ts';

/** What the local server does not do, it says: nothing is taken and then ignored. */
export function refusalFacts(): void {
  describe('what is not built', () => {
    const ask = async (
      path: string,
      method: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) => {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return [answer.status, await answer.text()] as const;
    };
    const upload = '/upload/storage/v1/b/uploads/o?uploadType=media&name=refused';

    it.each([
      [
        'a key of Cloud KMS',
        501,
        `${upload}&kmsKeyName=projects/p/locations/l/keyRings/r/cryptoKeys/k`,
        'POST',
        'x',
      ],
      ['listing by contexts', 501, '/storage/v1/b/uploads/o?filter=contexts', 'GET', undefined],
      ['access lists', 400, `${upload}&predefinedAcl=publicRead`, 'POST', 'x'],
      ['the lists of an object', 400, '/storage/v1/b/uploads/o/a/acl', 'GET', undefined],
      [
        'a retention policy',
        501,
        '/storage/v1/b/prepared',
        'PATCH',
        { retentionPolicy: { retentionPeriod: '9' } },
      ],
      ['a website', 501, '/storage/v1/b/prepared', 'PATCH', { website: { mainPageSuffix: 'index.html' } }],
      ['rules for other origins', 501, '/storage/v1/b/prepared', 'PATCH', { cors: [{ origin: ['*'] }] }],
      ['folders', 501, '/storage/v1/b/uploads/folders', 'GET', undefined],
      ['HMAC keys', 501, '/storage/v1/projects/local/hmacKeys', 'POST', undefined],
      ['listing by the XML API', 501, '/uploads', 'GET', undefined],
    ])('is refused with a sentence: %s', async (_what, status, path, method, body) => {
      const [answered, text] = await ask(path, method, body);
      expect(answered).toBe(status);
      expect(text).toMatch(/not available|uniform bucket-level access/);
    });

    it('is refused in the metadata of an upload and in a signature by HMAC as well', async () => {
      const related = (resource: unknown) =>
        `--b\r\n\r\n${JSON.stringify(resource)}\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n`;
      const send = (resource: unknown) =>
        ask('/upload/storage/v1/b/uploads/o?uploadType=multipart', 'POST', related(resource), {
          'content-type': 'multipart/related; boundary=b',
        });
      expect((await send({ name: 'r', contexts: { custom: { a: { value: 'b' } } } }))[0]).toBe(501);
      expect((await send({ name: 'r', storageClass: 'NONE' }))[0]).toBe(400);
      expect((await send({ name: 'r', metadata: { k: 'x'.repeat(8 * 1024) } }))[0]).toBe(400);
      expect((await ask('/storage/v1/b/uploads/o/r', 'GET'))[0]).toBe(404);
      expect((await ask('/uploads/r', 'GET', undefined, { authorization: 'AWS4-HMAC-SHA256 x' }))[0]).toBe(
        501,
      );
    });
  });
}
