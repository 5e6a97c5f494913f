import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { KEY, MODEL, RawClient, startWithClock } from './gemini-client.ts';
import { plainPicture } from './label-pictures.ts';

const HOURS_48 = 48 * 60 * 60 * 1000;

let server: GeminiSimulator;
let clock: { now: number };
let client: RawClient;
let ai: GoogleGenAI;

beforeAll(async () => {
  ({ server, clock } = await startWithClock());
  client = await RawClient.to(server);
  ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: server.url, apiVersion: 'v1beta' } });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

describe('an uploaded file', () => {
  const upload = async () => {
    const blob = new Blob([await plainPicture('white', 800, 600)], { type: 'image/jpeg' });
    return ai.files.upload({ file: blob, config: { displayName: 'shelf', mimeType: 'image/jpeg' } });
  };

  it('is shown, listed, seen by the model, and gone once it is deleted', async () => {
    const file = await upload();
    const name = String(file.name);
    expect(file).toMatchObject({ displayName: 'shelf', mimeType: 'image/jpeg', state: 'ACTIVE' });
    expect((await ai.files.get({ name })).uri).toBe(file.uri);
    const listed: unknown[] = [];
    for await (const one of await ai.files.list()) listed.push(one.name);
    expect(listed).toEqual([name]);
    const fileData = { fileUri: String(file.uri), mimeType: 'image/jpeg' };
    const contents = [{ role: 'user', parts: [{ fileData }, { text: 'Describe the picture.' }] }];
    expect((await ai.models.generateContent({ model: MODEL, contents })).text).toContain('800 x 600');
    await ai.files.delete({ name });
    await expect(ai.files.get({ name })).rejects.toMatchObject({ status: 403 });
    await expect(ai.models.generateContent({ model: MODEL, contents })).rejects.toThrow(
      /You do not have permission/,
    );
  });

  it('is kept for 48 hours', async () => {
    const name = String((await upload()).name);
    const uploadedAt = clock.now;
    clock.now = uploadedAt + HOURS_48 - 1;
    expect((await ai.files.get({ name })).name).toBe(name);
    clock.now = uploadedAt + HOURS_48;
    await expect(ai.files.get({ name })).rejects.toMatchObject({ status: 403 });
    clock.now = uploadedAt;
  });

  it('may come in pieces, and only whole', async () => {
    const start = await fetch(`${server.url}/upload/v1beta/files?key=${KEY}`, {
      method: 'POST',
      headers: {
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'x-goog-upload-header-content-length': '10',
        'x-goog-upload-header-content-type': 'application/pdf',
      },
      body: '{"file":{"display_name":"ten"}}',
    });
    const address = String(start.headers.get('x-goog-upload-url'));
    const send = async (command: string, offset: number, body?: string) => {
      const headers = { 'x-goog-upload-command': command, 'x-goog-upload-offset': String(offset) };
      const sent = await fetch(address, { method: 'POST', headers, ...(body ? { body } : {}) });
      return [sent.status, sent.headers.get('x-goog-upload-status'), await sent.text()] as const;
    };
    expect((await send('upload', 0, 'hello'))[1]).toBe('active');
    expect((await send('upload', 3, 'again'))[0]).toBe(400);
    expect((await send('finalize', 5))[0]).toBe(400);
    const [, status, body] = await send('upload, finalize', 5, 'world');
    expect([status, JSON.parse(body).file.sizeBytes]).toEqual(['final', '10']);
  });

  it('needs a key to begin with', async () => {
    expect((await fetch(`${server.url}/upload/v1beta/files`, { method: 'POST' })).status).toBe(403);
  });
});

describe('a PDF', () => {
  const ask = (pdf: string, more: object = {}) =>
    client.generate({
      contents: [
        {
          parts: [
            {
              inlineData: {
                mimeType: 'application/pdf',
                data: Buffer.from(pdf, 'latin1').toString('base64'),
              },
            },
            { text: 'What is in it?' },
          ],
        },
      ],
      ...more,
    });
  const pages = (count: number): string =>
    `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count ${count} >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF`;

  it('costs 560 tokens a page, or what the resolution says', async () => {
    const images = async (more?: object) => {
      const { body } = await ask(pages(3), more);
      return body.usageMetadata.promptTokensDetails.find(
        (one: { modality: string }) => one.modality === 'IMAGE',
      ).tokenCount;
    };
    expect(await images()).toBe(3 * 560);
    expect(await images({ generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' } })).toBe(3 * 280);
  });

  it.each([
    ['without pages', '%PDF-1.4', 'The document has no pages.'],
    ['of too many pages', pages(1001), 'exceeds the limit of 1000'],
    ['that is locked', `${pages(1)}\ntrailer << /Encrypt 9 0 R >>`, 'Request contains an invalid argument.'],
    ['that is none', 'hello, world', 'Request contains an invalid argument.'],
  ])('%s is refused', async (_what, pdf, words) => {
    const { status, body } = await ask(pdf);
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(words)]);
  });
});
