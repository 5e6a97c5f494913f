import { describe, expect, it } from 'vitest';
import { download, server, uploads } from './fixture.ts';

/** Forms that a page posts with a policy of the server's: https://cloud.google.com/storage/docs/xml-api/post-object-forms */
export function policyFormFacts(): void {
  describe('an upload form with a signed policy', () => {
    const sign = async (name: string, expiresInMs = 60_000) => {
      const [{ fields }] = await uploads.file(name).generateSignedPostPolicyV4({
        expires: Date.now() + expiresInMs,
        conditions: [['content-length-range', 1, 10]],
        fields: { 'x-goog-meta-shop': '7', 'content-type': 'image/jpeg' },
      });
      return fields as Record<string, string>;
    };
    const post = (fields: Record<string, string>, file: string) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set('file', new File([file], 'shelf.jpg'));
      return fetch(`${server.url}/uploads`, { method: 'POST', body: form });
    };
    const code = async (answer: Response) => /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1];

    it('stores the file with the metadata of the form', async () => {
      expect((await post(await sign('forms/a'), 'hello')).status).toBe(204);
      expect(await download(uploads.file('forms/a'))).toBe('hello');
      expect((await uploads.file('forms/a').getMetadata())[0]).toMatchObject({
        contentType: 'image/jpeg',
        metadata: { shop: '7' },
      });
    });

    it('is refused when the file is too large, a field is another, added or unsigned', async () => {
      const fields = await sign('forms/b');
      expect(await code(await post(fields, 'far too long'))).toBe('EntityTooLarge');
      expect(await code(await post({ ...fields, key: 'forms/other' }, 'x'))).toBe('InvalidPolicyDocument');
      expect(await code(await post({ ...fields, 'x-goog-meta-more': 'y' }, 'x'))).toBe(
        'InvalidPolicyDocument',
      );
      const policy = Buffer.from('{"expiration":"2999-01-01T00:00:00Z","conditions":[]}').toString('base64');
      expect(await code(await post({ ...fields, policy }, 'x'))).toBe('SignatureDoesNotMatch');
      expect(await code(await post({ key: 'forms/b' }, 'x'))).toBe('InvalidPolicyDocument');
      expect((await uploads.file('forms/b').exists())[0]).toBe(false);
    });
  });
}
