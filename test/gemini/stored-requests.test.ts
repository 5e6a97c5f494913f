import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/model/request.ts';

let server: Server;
let baseUrl: string;
const bodies: Record<string, unknown>[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const REQUEST: ModelRequest = {
  model: 'gemini-3.5-flash-lite',
  step: { mediaResolution: 'LOW', thinkingLevel: 'xhigh', maxOutputTokens: 100 },
  instructions: 'Read.',
  prompt: 'What is it?',
  responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
  image: { mimeType: 'image/png', base64: 'AAAA' },
};

describe('a request to the Gemini API', () => {
  it.each([
    ['asks Google not to keep it', {}, false],
    ['lets Google keep it where the setting allows that', { storeRequests: true }, true],
  ])('%s', async (_, settings, store) => {
    await createDeveloperApi({ apiKey: 'k', baseUrl, ...settings })(REQUEST, new AbortController().signal);
    expect(bodies.at(-1)).toMatchObject({ store });
  });
});
