import { type Content, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { KEY, MODEL, RawClient, startWithClock } from './gemini-client.ts';

let server: GeminiSimulator;
let client: RawClient;
let ai: GoogleGenAI;

beforeAll(async () => {
  ({ server } = await startWithClock());
  client = await RawClient.to(server);
  ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: server.url, apiVersion: 'v1beta' } });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const text =
  'A model speaks in pieces, one after another, until all of its words are there. 📷 That is a stream.';

describe('a stream', () => {
  it('brings the answer in pieces, with the reason of its end and its usage', async () => {
    server.behave({ script: [{ text }] });
    const pieces: string[] = [];
    let last: unknown;
    for await (const chunk of await ai.models.generateContentStream({ model: MODEL, contents: 'Speak.' })) {
      pieces.push(chunk.text ?? '');
      last = [chunk.candidates?.[0]?.finishReason, chunk.usageMetadata?.candidatesTokenCount];
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(last).toEqual(['STOP', Math.ceil(text.length / 4)]);
  });

  it('is an array without alt=sse, and an error is answered as one', async () => {
    server.behave({ script: [{ text }, { fault: 'server503' }] });
    const contents = [{ parts: [{ text: 'Speak.' }] }];
    const stream = () => client.call(`v1beta/models/${MODEL}:streamGenerateContent`, { contents });
    const { body } = await stream();
    expect(
      body.map((chunk: { candidates: { finishReason?: string }[] }) => chunk.candidates[0]?.finishReason),
    ).toEqual([undefined, 'STOP']);
    expect((await stream()).status).toBe(503);
  });
});

describe('a function', () => {
  const getStock = {
    name: 'get_stock',
    description: 'How many pieces of an article are in stock',
    parametersJsonSchema: {
      type: 'object',
      properties: { sku: { type: 'string' }, limit: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['sku', 'limit'],
    },
  };
  const order = {
    name: 'order_goods',
    description: 'Orders goods',
    parametersJsonSchema: { type: 'object', properties: {} },
  };
  const tools = [{ functionDeclarations: [order, getStock] }];
  const any = { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } };
  const question = { role: 'user', parts: [{ text: 'How many pieces of KX-1 are in stock?' }] };
  const refusal = async (more: object) =>
    (await client.generate({ contents: [question], ...more })).body.error?.message;

  it('is called in mode ANY, with arguments that fit its declaration, and never spoken of', async () => {
    const reply = await ai.models.generateContent({
      model: MODEL,
      contents: [question],
      config: { tools, toolConfig: any },
    });
    expect(reply.functionCalls).toEqual([
      expect.objectContaining({
        name: 'get_stock',
        args: { sku: expect.any(String), limit: expect.any(Number) },
      }),
    ]);
    const limit = Number(reply.functionCalls?.[0]?.args?.['limit']);
    expect(limit >= 1 && limit <= 5).toBe(true);
    expect(reply.candidates?.[0]?.content?.parts?.some((part) => part.text)).toBe(false);
  });

  it('is chosen among those that are allowed, and answered in the next turn with its signature', async () => {
    const config = {
      tools,
      toolConfig: {
        functionCallingConfig: { ...any.functionCallingConfig, allowedFunctionNames: ['order_goods'] },
      },
    };
    const reply = await ai.models.generateContent({ model: MODEL, contents: [question], config });
    expect(reply.functionCalls?.[0]?.name).toBe('order_goods');
    const turn = reply.candidates?.[0]?.content as Content;
    const response = {
      role: 'user',
      parts: [{ functionResponse: { name: 'order_goods', response: { ok: true } } }],
    };
    const contents = [question, turn, response];
    expect(
      (await ai.models.generateContent({ model: MODEL, contents, config: { tools } })).text,
    ).toBeTruthy();
    const unsigned = { role: 'model', parts: [{ functionCall: { name: 'order_goods', args: {} } }] };
    expect(await refusal({ contents: [question, unsigned, response], tools })).toMatch(
      /missing a thought_signature/,
    );
    expect(await refusal({ contents: [question, turn], tools })).toBeUndefined();
    expect(await refusal({ contents: [question, turn, question], tools })).toMatch(
      /number of function response parts/,
    );
  });

  it('is refused as Gemini refuses it: bad and repeated names, modes without functions, unknown fields', async () => {
    const declared = (...functionDeclarations: object[]) => ({ tools: [{ functionDeclarations }] });
    expect(await refusal(declared({ name: '1st' }))).toMatch(/Invalid function name/);
    expect(await refusal(declared(order, order))).toBe('Duplicate function declaration found: order_goods');
    expect(await refusal({ toolConfig: any })).toMatch(/without function_declarations/);
    expect(
      await refusal({
        tools,
        toolConfig: { functionCallingConfig: { allowedFunctionNames: ['get_stock'] } },
      }),
    ).toMatch(/only be set when function calling mode is ANY/);
    expect(await refusal({ tools: [{ functions: [] }] })).toMatch(/Unknown name "functions" at 'tools\[0\]'/);
  });
});

describe('a name of a model', () => {
  it.each([
    ['gemini-flash-latest', 'gemini-3.8-flash'],
    ['gemini-flash-lite-latest', 'gemini-3.5-flash-lite'],
    ['gemini-3.7-flash', 'gemini-3.8-flash'],
  ])('may be an alias: %s is answered by %s', async (alias, model) => {
    expect((await client.describePicture({}, alias)).body.modelVersion).toBe(`${model}@local-reader`);
    expect((await client.call(`v1beta/models/${alias}`)).body.name).toBe(`models/${alias}`);
  });

  it('with a method that is missing is answered with both', async () => {
    const { status, body } = await client.call(`v1beta/models/${MODEL}:embedContent`, {});
    expect(status).toBe(404);
    expect(body.error.message).toContain(
      `models/${MODEL} is not found for API version v1beta, or is not supported for embedContent.`,
    );
    expect((await client.call('v1beta/interactions', {})).body.error.message).toBe(
      'Method not found: POST interactions.',
    );
  });
});

describe('Vertex AI', () => {
  const location = 'v1/projects/p/locations/global';
  const vertex = (path: string, body: unknown, authorization = 'Bearer token') =>
    client.call(`${location}/${path}`, body, { headers: { authorization } });
  const generate = (body: unknown) => vertex(`publishers/google/models/${MODEL}:generateContent`, body);

  it('streams too, and has no aliases', async () => {
    server.behave({ script: [{ text }] });
    const contents = [{ role: 'user', parts: [{ text: 'Speak.' }] }];
    const { body } = await vertex(`publishers/google/models/${MODEL}:streamGenerateContent`, { contents });
    expect(body).toHaveLength(2);
    const alias = await vertex('publishers/google/models/gemini-flash-latest:generateContent', { contents });
    expect([alias.status, alias.body.error.message]).toEqual([
      404,
      expect.stringContaining('Publisher Model'),
    ]);
  });

  it('refuses in its own words', async () => {
    expect((await generate({})).body.error.message).toMatch(
      /^Unable to submit request because at least one contents/,
    );
    const blob = { inlineData: { mimeType: 'text/css', data: 'YQ==' } };
    expect((await generate({ contents: [{ parts: [blob] }] })).body.error.message).toMatch(
      /^Unable to submit request because it has a mimeType parameter with value text\/css/,
    );
    server.behave({ script: [{ fault: 'quota429' }] });
    const quota = await generate({ contents: [{ parts: [{ text: 'x' }] }] });
    expect(quota.body.error).toEqual({
      code: 429,
      message: 'Resource exhausted, please try again later.',
      status: 'RESOURCE_EXHAUSTED',
    });
    expect((await vertex('endpoints/1:predict', {}, '')).status).toBe(401);
    expect((await vertex('endpoints/1:predict', {})).body.error.message).toMatch(
      /^Method not found: POST projects/,
    );
  });
});
