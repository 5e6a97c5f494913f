import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from './running-api.ts';

const MEGABYTE = 1_000_000;

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ UPLOAD_IDLE_MS: '1000' });
});

afterAll(() => api.close());

const stored = async (): Promise<string[]> => {
  const [files] = await api.storage.bucket('uploads').getFiles();
  return files.map((file) => file.name);
};

const submit = (bytes: Buffer<ArrayBuffer>): Promise<Response> => {
  const form = new FormData();
  form.append('file', new Blob([bytes]), 'a.jpg');
  return fetch(`${api.url}/v1/images`, { method: 'POST', body: form });
};

/** Begins an upload of which only the start arrives. */
const begin = (type: string, start: string) => {
  const sending = request(`${api.url}/v1/images`, {
    method: 'POST',
    headers: { 'Content-Type': type, 'Content-Length': String(5 * MEGABYTE) },
  });
  sending.on('error', () => {});
  sending.write(start);
  return sending;
};

describe('an upload', () => {
  it.each([
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nstart',
    ],
    ['image/jpeg', 'start'],
  ])('as %s that stops moving is given up', async (type, start) => {
    const before = await stored();
    const sending = begin(type, start);
    const answer = await new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
    sending.destroy();
    expect(answer.statusCode).toBe(408);
    expect(await stored()).toEqual(before);
  });

  it.each(['unavailable', 'hang'] as const)(
    'meets a Storage that is down (%s): try again, it works after',
    async (fault) => {
      api.cloud.storage.setFault(fault);
      const response = await submit(randomBytes(100_000));
      api.cloud.storage.setFault('none');
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
        hint: 'Try again in a few seconds.',
      });
      expect((await submit(randomBytes(100_000))).status).toBe(202);
    },
  );

  it('says that the disk is full, and works again when it is not', async () => {
    api.cloud.storage.setFault('full');
    const response = await submit(randomBytes(100_000));
    api.cloud.storage.setFault('none');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      detail: expect.stringMatching(/^The disk is full: there is no room for gs:\/\/uploads\//),
      hint: 'Free some space on the disk that holds the data folder, then try again.',
    });
    expect((await submit(randomBytes(100_000))).status).toBe(202);
  });
});
