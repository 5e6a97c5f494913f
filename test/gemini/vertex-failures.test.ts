import { describe, expect, it, vi } from 'vitest';
import { error, quota, retryInfo } from './google-errors.ts';
import { URI, useVertex, vertexAt } from './vertex-calls.ts';

const vertex = useVertex();

describe('a failure of Vertex AI', () => {
  it.each([
    [400, error(400, 'Unknown field'), 'MODEL_REJECTED_REQUEST'],
    [401, error(401, 'Unauthenticated'), 'MODEL_CREDENTIALS'],
    [403, error(403, 'Permission denied on aiplatform.endpoints.predict'), 'MODEL_CREDENTIALS'],
    [402, error(402, 'Credit gone', [], 'RESOURCE_EXHAUSTED'), 'MODEL_CREDIT'],
    [404, error(404, 'Publisher Model was not found'), 'MODEL_NOT_FOUND'],
    [408, error(408, 'Timeout'), 'MODEL_TIMEOUT'],
    [413, error(413, 'Too large'), 'MODEL_REQUEST_TOO_LARGE'],
    [429, error(429, 'Resource exhausted, please try again later.'), 'MODEL_QUOTA_MINUTE'],
    [429, error(429, 'Quota', [quota('RequestsPerDay'), retryInfo('3s')]), 'MODEL_QUOTA_DAY'],
    [500, error(500, 'Internal'), 'MODEL_OVERLOADED'],
    [503, error(503, 'Overloaded'), 'MODEL_OVERLOADED'],
    [504, error(504, 'Deadline expired'), 'MODEL_TIMEOUT'],
    [502, '<html>bad gateway</html>', 'MODEL_OVERLOADED'],
  ])('HTTP %i %j is %s, and the call is made once', async (status, body, code) => {
    await expect(vertex().replyTo(status, body)).rejects.toMatchObject({
      code,
      facts: { httpStatus: status },
    });
    expect(vertex().simulator.calls()).toHaveLength(1);
  });

  it('tells its wait in the body or in the header, and the longer of both counts', async () => {
    await expect(vertex().replyTo(429, error(429, 'Quota', [retryInfo('34.4s')]))).rejects.toMatchObject({
      facts: { retryAfterMs: 34_400 },
    });
    const headers = { 'Retry-After': '50' };
    await expect(
      vertex().replyTo(429, error(429, 'Quota', [retryInfo('7s')]), headers),
    ).rejects.toMatchObject({
      facts: { retryAfterMs: 50_000 },
    });
  });

  it('to fetch a picture before the project has a service agent is answered from the bytes', async () => {
    const image = vertex().inBucket();
    // Only the bytes can be answered now.
    vertex().stored.delete(URI);
    const body = error(400, 'Service agents are being provisioned.', [], 'FAILED_PRECONDITION');
    vertex().simulator.behave({ script: [{ reply: { status: 400, body: body as unknown as string } }] });
    expect((await vertex().ask({ image })).end.kind).toBe('answer');
    expect(image.read).toHaveBeenCalledOnce();
    expect(vertex().simulator.calls()).toMatchObject([
      { status: 400 },
      { status: 200, images: [{ bytes: vertex().jpeg.length }] },
    ]);
  });

  it('that holds for the bytes of a picture too ends it', async () => {
    const refused = {
      status: 400,
      body: error(400, 'Not here', [], 'FAILED_PRECONDITION') as unknown as string,
    };
    vertex().simulator.behave({ script: [{ reply: refused }, { reply: refused }] });
    await expect(vertex().ask()).rejects.toMatchObject({ code: 'MODEL_REJECTED_REQUEST' });
    expect(vertex().simulator.calls()).toHaveLength(2);
  });

  it('never carries a token', async () => {
    const token = 'ya29.c.b0AXv0zTPsecret_0123456789-abc';
    const failure = await vertex()
      .replyTo(400, error(400, `Bad token ${token}`))
      .catch((thrown: Error) => thrown);
    const { message, cause } = failure as Error;
    expect(message).toContain('[key]');
    expect(`${message} ${String(cause)} ${JSON.stringify(failure)}`).not.toContain('secret');
  });

  it.each(['reset', 'resetMidBody', 'notJson'] as const)(
    'of the connection (%s) is one of the network',
    async (fault) => {
      vertex().simulator.behave({ script: [{ fault }] });
      await expect(vertex().ask()).rejects.toMatchObject({ code: 'MODEL_NETWORK' });
    },
  );

  it('to be there at all is one of the network', async () => {
    await expect(
      vertexAt('http://127.0.0.1:9')(vertex().request(), new AbortController().signal),
    ).rejects.toMatchObject({ code: 'MODEL_NETWORK' });
  });

  it('to find the model names it as Vertex AI does', async () => {
    await expect(vertex().ask({ model: 'gemini-0' })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('projects/my-project/locations/global'),
    });
  });
});

describe('credentials', () => {
  /** A client that has no token yet. */
  const tokenless = (): Promise<unknown> =>
    vertexAt(vertex().simulator.url)(vertex().request(), new AbortController().signal).catch(
      (thrown: unknown) => thrown,
    );

  it('are exchanged for one token that serves many calls', async () => {
    const fresh = vertexAt(vertex().simulator.url);
    const before = vertex().tokens.issued();
    await Promise.all([1, 2, 3].map(() => fresh(vertex().request(), new AbortController().signal)));
    await fresh(vertex().request(), new AbortController().signal);
    expect(vertex().tokens.issued() - before).toBe(1);
  });

  it('that cannot be read are a matter of access, said without their place', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', `${vertex().tokens.credentials}.missing`);
    const failure = await tokenless();
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', vertex().tokens.credentials);
    expect(failure).toMatchObject({ code: 'MODEL_CREDENTIALS' });
    expect(String((failure as Error).cause)).not.toContain(vertex().tokens.credentials);
    expect(vertex().simulator.calls()).toHaveLength(0);
  });

  it.each([
    [400, 'MODEL_CREDENTIALS'],
    [403, 'MODEL_CREDENTIALS'],
    [503, 'MODEL_NETWORK'],
  ])('that the token server answers %i are %s, and it never carries them', async (status, code) => {
    vertex().tokens.answer(status);
    const failure = (await tokenless()) as Error;
    vertex().tokens.answer(200);
    expect(failure).toMatchObject({ code });
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('subject-secret');
    expect(vertex().simulator.calls()).toHaveLength(0);
  });
});
