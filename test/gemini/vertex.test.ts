import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MODEL, URI, useVertex, vertexAt } from './vertex-calls.ts';

const vertex = useVertex();

/** A server that keeps what it was sent. */
async function listening(answer: object): Promise<{
  url: string;
  received: { path: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
  close(): void;
}> {
  const received: { path: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    received.push({
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received, close: () => server.close() };
}

describe('a call of Vertex AI', () => {
  it('names the picture, sends a token and never the bytes', async () => {
    const server = await listening({
      candidates: [{ content: { parts: [{ text: '{"a":"b"}' }] }, finishReason: 'STOP' }],
    });
    const image = vertex().inBucket();
    const reply = await vertexAt(server.url)(vertex().request({ image }), new AbortController().signal);
    server.close();
    expect(reply.end).toEqual({ kind: 'answer', text: '{"a":"b"}' });
    expect(image.read).not.toHaveBeenCalled();
    const [{ path, headers, body } = { path: '', headers: {}, body: '{}' }] = server.received;
    expect(path).toBe(
      `/v1beta1/projects/my-project/locations/global/publishers/google/models/${MODEL}:generateContent`,
    );
    expect(headers['authorization']).toBe(`Bearer ${vertex().tokens.token}`);
    expect(headers).not.toHaveProperty('x-goog-api-key');
    expect(JSON.parse(body)).toEqual({
      contents: [
        {
          role: 'user',
          parts: [{ fileData: { mimeType: 'image/jpeg', fileUri: URI } }, { text: 'What is it?' }],
        },
      ],
      systemInstruction: { role: 'user', parts: [{ text: 'Read.' }] },
      generationConfig: {
        maxOutputTokens: 100,
        responseMimeType: 'application/json',
        responseSchema: vertex().request().responseSchema,
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        thinkingConfig: { thinkingLevel: 'MINIMAL' },
      },
    });
    expect(server.received).toHaveLength(1);
  });

  it('is answered about the picture in the bucket, and billed as the reply says', async () => {
    const reply = await vertex().ask();
    expect(reply.end.kind).toBe('answer');
    expect(reply.modelVersion).toContain(MODEL);
    expect(reply.usage).toMatchObject({ image: expect.any(Number) });
    expect(vertex().simulator.calls()).toMatchObject([
      { api: 'vertex', status: 200, images: [{ width: 320, height: 240, bytes: vertex().jpeg.length }] },
    ]);
  });

  it('carries the picture along when it is in no bucket', async () => {
    const image = { mimeType: 'image/jpeg', base64: vertex().jpeg.toString('base64') };
    expect((await vertex().ask({ image })).end.kind).toBe('answer');
  });

  it('repeats an answer that was wrong with what was wrong about it', async () => {
    const reply = await vertex().ask({ repair: { answer: '{}', issues: 'a is missing' } });
    expect(reply.end.kind).toBe('answer');
  });

  it.each([
    ['blockedPrompt', { kind: 'blocked' }],
    ['safety', { kind: 'blocked', reason: 'SAFETY' }],
    ['empty', { kind: 'empty' }],
    ['unknownFinish', { kind: 'odd-finish' }],
  ] as const)('that meets %s is read as what it is, and made once', async (fault, end) => {
    vertex().simulator.behave({ script: [{ fault }] });
    expect((await vertex().ask()).end).toMatchObject(end);
    expect(vertex().simulator.calls()).toHaveLength(1);
  });
});

describe('a picture in a bucket', () => {
  it('that is gone is a source that is gone, not a wrong request', async () => {
    vertex().stored.clear();
    await expect(vertex().ask()).rejects.toMatchObject({ code: 'SOURCE_GONE' });
  });

  it('that Vertex AI may not read, while it is there, is a matter of access', async () => {
    await expect(
      vertex().replyTo(403, { error: { code: 403, message: 'service agent lacks access' } }),
    ).rejects.toMatchObject({
      code: 'MODEL_CREDENTIALS',
    });
  });
});

describe('a call that is given up', () => {
  it('ends with the reason of the caller that gave it up', async () => {
    vertex().simulator.behave({ script: [{ json: { a: 'late' }, latencyMs: 60_000 }] });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('out of time')), 100);
    await expect(vertex().ask({}, controller.signal)).rejects.toThrow('out of time');
    await expect.poll(() => vertex().simulator.calls()[0]?.outcome).toBe('client gone');
  });

  it('before it began is not made', async () => {
    await expect(vertex().ask({}, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
    expect(vertex().simulator.calls()).toHaveLength(0);
  });
});
