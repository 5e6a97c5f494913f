import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultId } from '../../shared/results/id.ts';
import { type RunningApi, startApi } from './running-api.ts';

const MEGABYTE = 1_000_000;

let api: RunningApi;

beforeAll(async () => {
  // On a busy machine nothing may move for a long time.
  api = await startApi({ UPLOAD_IDLE_MS: '500000' });
});

afterAll(() => api.close());

const stored = async ({ storage } = api): Promise<string[]> => {
  const [files] = await storage.bucket('uploads').getFiles();
  return files.map((file) => file.name);
};

const submit = (form: FormData, headers: Record<string, string> = {}, { url } = api): Promise<Response> =>
  fetch(`${url}/v1/images`, { method: 'POST', body: form, headers });

const submitBody = (bytes: Buffer<ArrayBuffer>, name: string, { url } = api): Promise<Response> =>
  fetch(`${url}/v1/images?name=${name}`, {
    method: 'POST',
    body: bytes,
    headers: { 'Content-Type': 'image/jpeg' },
  });

/** The client's own download warns about its listeners. */
const contentOf = async (name: string): Promise<Buffer> => {
  const url = `${api.cloud.storage.url}/storage/v1/b/uploads/o/${encodeURIComponent(name)}?alt=media`;
  return Buffer.from(await (await fetch(url)).arrayBuffer());
};

function formWith(bytes: Buffer<ArrayBuffer>, name: string, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', new Blob([bytes], { type: 'image/jpeg' }), name);
  return form;
}

describe('an upload', () => {
  it('is stored under its profile and day, and its id is known at once', async () => {
    const bytes = randomBytes(300_000);
    const response = await submit(
      formWith(bytes, 'Regal 7 – hinten.JPG', { profile: 'inventory', uploader: 'mia' }),
    );
    expect(response.status).toBe(202);
    const { id, name, status, resultUrl } = (await response.json()) as Record<string, string>;

    expect(status).toBe('queued');
    expect(resultUrl).toBe(`/v1/results/${id}`);
    expect(response.headers.get('location')).toBe(resultUrl);
    expect(name).toMatch(/^inventory\/\d{4}-\d\d-\d\d\/Regal-7-–-hinten-[0-9a-f]{12}\.jpg$/);
    expect(id).toBe(resultId({ bucket: 'uploads', name: name ?? '' }));

    const file = api.storage.bucket('uploads').file(name ?? '');
    const [metadata] = await file.getMetadata();
    expect((await contentOf(name ?? '')).equals(bytes)).toBe(true);
    expect(metadata.contentType).toBe('image/jpeg');
    expect(metadata.metadata).toEqual({ profile: 'inventory', uploader: 'mia' });
  });

  it('of several files answers with one id each', async () => {
    const form = formWith(randomBytes(1000), 'a.jpg', { profile: 'moderation' });
    form.append('file', new Blob([randomBytes(1000)], { type: 'text/html' }), 'a.jpg');
    const response = await submit(form);
    expect(response.status).toBe(202);
    const { images } = (await response.json()) as { images: { id: string; name: string }[] };
    expect(images).toHaveLength(2);
    expect(new Set(images.map(({ id }) => id)).size).toBe(2);
    const types = await Promise.all(
      images.map(
        async ({ name }) => (await api.storage.bucket('uploads').file(name).getMetadata())[0].contentType,
      ),
    );
    expect(types.sort()).toEqual(['application/octet-stream', 'image/jpeg']);
  });

  it('may be the bare body of the request', async () => {
    const bytes = randomBytes(5000);
    const response = await fetch(`${api.url}/v1/images?profile=inventory&name=a.png`, {
      method: 'POST',
      body: bytes,
      headers: { 'Content-Type': 'image/png' },
    });
    expect(response.status).toBe(202);
    const { name } = (await response.json()) as { name: string };
    expect((await contentOf(name)).equals(bytes)).toBe(true);
  });

  it('without a profile gets the default one', async () => {
    const response = await submit(formWith(randomBytes(10), 'x'));
    expect(((await response.json()) as { name: string }).name).toMatch(/^describe\//);
  });

  it.each(['form', 'body'])('of 40 MB as a %s, five at once, is never held in memory', async (kind) => {
    const bytes = randomBytes(40 * MEGABYTE);
    // On its own connection: the server closes one that rests for seconds, which this process may be too busy to see.
    await submit(formWith(randomBytes(MEGABYTE), 'warm.jpg'), { Connection: 'close' });
    const before = api.memory();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, api.memory());
    }, 5);
    const responses = await Promise.all(
      Array.from({ length: 5 }, () =>
        kind === 'form' ? submit(formWith(bytes, 'large.jpg')) : submitBody(bytes, 'large.jpg'),
      ),
    );
    clearInterval(watching);
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    for (const response of responses) {
      const { name } = (await response.json()) as { name: string };
      const [metadata] = await api.storage.bucket('uploads').file(name).getMetadata();
      expect(metadata.md5Hash).toBe(createHash('md5').update(bytes).digest('base64'));
    }
    // 200 MB went through; what grows is garbage that is not yet collected.
    expect((peak - before) / MEGABYTE).toBeLessThan(160);
  });

  it('that the caller breaks off leaves no half object', async () => {
    const before = await stored();
    await new Promise<void>((resolve) => {
      const sending = httpRequest(`${api.url}/v1/images`, {
        method: 'POST',
        headers: {
          'Content-Type': 'multipart/form-data; boundary=x',
          'Content-Length': String(5 * MEGABYTE),
        },
      });
      sending.on('error', () => resolve());
      sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
      sending.write(randomBytes(2 * MEGABYTE), () =>
        setTimeout(() => sending.destroy(new Error('gone')), 100),
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await stored()).toEqual(before);
    expect((await submit(formWith(randomBytes(10), 'after.jpg'))).status).toBe(202);
  });

  it.each([
    ['of an unknown profile', formWith(randomBytes(9), 'a.jpg', { profile: 'nope' }), 400, 'UNKNOWN_PROFILE'],
    ['of an empty file', formWith(Buffer.alloc(0), 'a.jpg'), 400, 'INVALID_REQUEST'],
    ['without a file', new FormData(), 400, 'INVALID_REQUEST'],
    [
      'by a very long name',
      formWith(randomBytes(9), 'a.jpg', { uploader: 'u'.repeat(300) }),
      400,
      'INVALID_REQUEST',
    ],
  ])('%s is refused with a sentence', async (_what, form, status, code) => {
    const before = await stored();
    const response = await submit(form);
    expect(response.status).toBe(status);
    const problem = (await response.json()) as Record<string, string>;
    expect(problem).toMatchObject({ code, status });
    expect(problem['detail']).toMatch(/\.$/);
    expect(problem['hint']).toMatch(/\.$/);
    expect(await stored()).toEqual(before);
  });

  it.each([
    ['multipart/form-data', 'no boundary', 400],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
      400,
    ],
    ['application/json', '{', 415],
    ['text/html', 'x', 415],
  ])('as a malformed %s body (%s) is refused', async (type, body, status) => {
    const response = await fetch(`${api.url}/v1/images`, {
      method: 'POST',
      body: Readable.toWeb(Readable.from([Buffer.from(body)])) as unknown as ReadableStream,
      headers: { 'Content-Type': type },
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(status);
    expect(JSON.stringify(await response.json())).not.toMatch(/node_modules|\bat \w+ \(/);
  });
});

describe('an upload that is too large', () => {
  const maxBytes = 2 * MEGABYTE;
  let strict: RunningApi;
  beforeAll(async () => {
    strict = await startApi({ MAX_BYTES: String(maxBytes) });
  });
  afterAll(() => strict.close());

  it.each(['form', 'body'])('as a %s is refused and leaves no half object', async (kind) => {
    const bytes = randomBytes(maxBytes + 1);
    const response =
      kind === 'form'
        ? await submit(formWith(bytes, 'huge.jpg'), {}, strict)
        : await submitBody(bytes, 'huge.jpg', strict);
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      code: 'TOO_MANY_BYTES',
      status: 413,
      detail: `huge.jpg has more than the ${maxBytes} bytes that are accepted.`,
      hint: 'Upload a smaller file, or raise MAX_BYTES.',
    });
    expect(await stored(strict)).toEqual([]);
  });
});
