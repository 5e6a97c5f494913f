import { GoogleGenerativeAI } from '@google/generative-ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { KEY, MODEL, RawClient, startWithClock } from './gemini-client.ts';

let server: GeminiSimulator;
let client: RawClient;

beforeEach(async () => {
  ({ server } = await startWithClock());
  client = await RawClient.to(server);
});
afterEach(() => server.close());

describe('a key', () => {
  it('that is missing is refused as Google refuses it', async () => {
    const { status, body } = await client.call(`v1beta/models/${MODEL}`, undefined, { headers: {} });
    expect([status, body.error.status]).toEqual([403, 'PERMISSION_DENIED']);
    expect(body.error.message).toMatch(/^Method doesn't allow unregistered callers/);
  });

  it('that is wrong is refused with the reason API_KEY_INVALID', async () => {
    const { status, body } = await client.call(`v1beta/models/${MODEL}?key=other`, undefined, {
      headers: {},
    });
    expect([status, body.error.message]).toEqual([400, 'API key not valid. Please pass a valid API key.']);
    expect(body.error.details[0]).toMatchObject({ reason: 'API_KEY_INVALID', domain: 'googleapis.com' });
  });

  it('is taken from the header and from the query', async () => {
    expect((await client.call(`v1/models/${MODEL}`)).status).toBe(200);
    expect((await client.call(`v1/models/${MODEL}?key=${KEY}`, undefined, { headers: {} })).status).toBe(200);
  });
});

describe('models', () => {
  it('are listed and shown', async () => {
    const { body } = await client.call('v1beta/models');
    expect(body.models.map((model: { name: string }) => model.name)).toContain(`models/${MODEL}`);
    expect((await client.call(`v1beta/models/${MODEL}`)).body.inputTokenLimit).toBe(1_048_576);
  });

  it('that do not exist are answered 404 in words that say what to do', async () => {
    const { status, body } = await client.describePicture({}, 'gemini-1.0-old');
    expect([status, body.error.status]).toEqual([404, 'NOT_FOUND']);
    expect(body.error.message).toBe(
      'models/gemini-1.0-old is not found for API version v1beta, or is not supported for generateContent. ' +
        'Call ListModels to see the list of available models and their supported methods.',
    );
  });
});

describe('a request', () => {
  it.each([
    [
      'an unknown field',
      { extra: 1 },
      'Invalid JSON payload received. Unknown name "extra": Cannot find field.',
    ],
    [
      'an unknown setting',
      { generationConfig: { maxTokens: 5 } },
      'Invalid JSON payload received. Unknown name "maxTokens" at \'generation_config\': Cannot find field.',
    ],
    [
      'additionalProperties in its schema',
      {
        generation_config: {
          response_mime_type: 'application/json',
          responseSchema: {
            type: 'object',
            additionalProperties: false,
            properties: { a: { type: 'string' } },
          },
        },
      },
      'Invalid JSON payload received. Unknown name "additionalProperties" at \'generation_config.response_schema\': ' +
        'Cannot find field.',
    ],
    [
      'a value of a wrong type',
      { generationConfig: { maxOutputTokens: 'many' } },
      'Invalid value at \'generation_config.max_output_tokens\' (TYPE_INT32), "many"',
    ],
    [
      'more items than a schema may have',
      {
        generationConfig: {
          responseMimeType: 'application/json',
          responseJsonSchema: { type: 'array', maxItems: 961, items: { type: 'string' } },
        },
      },
      'Request contains an invalid argument.',
    ],
    [
      'an empty object in its schema',
      { generationConfig: { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } } },
      '* GenerateContentRequest.generation_config.response_schema.properties: should be non-empty for OBJECT type\n',
    ],
  ])('with %s is refused', async (_, more, message) => {
    const { status, body } = await client.describePicture(more);
    expect([status, body.error.status, body.error.message]).toEqual([400, 'INVALID_ARGUMENT', message]);
  });

  it('is understood in snake_case too', async () => {
    const { status, body } = await client.generate({
      contents: [{ parts: [{ inline_data: { mime_type: 'image/jpeg', data: client.image } }] }],
      generation_config: {
        media_resolution: 'MEDIA_RESOLUTION_LOW',
        thinking_config: { thinking_level: 'low' },
      },
    });
    expect(status).toBe(200);
    expect(body.usageMetadata.thoughtsTokenCount).toBe(96);
  });

  it('asks only for thinking levels that the model has', async () => {
    const minimal = { generationConfig: { thinkingConfig: { thinkingLevel: 'minimal' } } };
    expect((await client.describePicture(minimal)).status).toBe(200);
    const { status, body } = await client.describePicture(minimal, 'gemini-3.8-flash');
    expect([status, body.error.message]).toEqual([
      400,
      'Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.',
    ]);
  });

  it('of more than 100 MB is refused, and of more than 20 MB is not', async () => {
    const tooLong = { method: 'POST', body: Buffer.alloc(100 * 1024 * 1024 + 1, 'x') };
    const { status, body } = await client.call(`v1beta/models/${MODEL}:generateContent`, undefined, tooLong);
    expect([status, body.error.message]).toEqual([
      400,
      'Request payload size exceeds the limit: 104857600 bytes.',
    ]);
    // It is read, and then refused for what it says.
    const read = await client.generate({ padding: 'x'.repeat(21 * 1024 * 1024) });
    expect(read.body.error.message).toMatch(/Unknown name "padding"/);
  }, 120_000);
});

describe('a picture', () => {
  const inline = (mimeType: string, data: string) =>
    client.generate({ contents: [{ parts: [{ inlineData: { mimeType, data } }] }] });

  it.each([
    ['of a type that is not accepted', 'image/gif', () => client.image, 'Unsupported MIME type: image/gif'],
    ['that is not of the type it says', 'image/png', () => client.image, 'Provided image is not valid.'],
    ['without bytes', 'image/jpeg', () => '', 'Provided image is not valid.'],
    ['that is no base64', 'image/jpeg', () => '%%%', /\(TYPE_BYTES\), Base64 decoding failed for "%%%"$/],
    [
      'that is cut off in its header',
      'image/jpeg',
      () => client.image.slice(0, 80),
      'Provided image is not valid.',
    ],
  ])('%s is refused', async (_, mimeType, data, message) => {
    const { status, body } = await inline(mimeType, data());
    expect(status).toBe(400);
    expect(body.error.message).toMatch(message);
  });

  it.each([
    ['LOW', 266],
    ['MEDIUM', 540],
    ['HIGH', 1064],
  ])('of 4:3 costs by its resolution %s', async (level, tokens) => {
    const { body } = await client.describePicture({
      generationConfig: { mediaResolution: `MEDIA_RESOLUTION_${level}` },
    });
    expect(body.usageMetadata.promptTokensDetails).toContainEqual({ modality: 'IMAGE', tokenCount: tokens });
  });

  it('may have ULTRA_HIGH of its own, not for all', async () => {
    const level = 'MEDIA_RESOLUTION_ULTRA_HIGH';
    const own = await client.generate({
      contents: [{ parts: [{ ...client.picturePart, mediaResolution: { level } }] }],
    });
    expect(own.body.usageMetadata.promptTokensDetails[1].tokenCount).toBe(2160);
    expect((await client.describePicture({ generationConfig: { mediaResolution: level } })).status).toBe(400);
  });
});

describe('an answer', () => {
  it('comes through the real client, with its usage and the reader named as its model', async () => {
    const model = new GoogleGenerativeAI(KEY).getGenerativeModel({ model: MODEL }, { baseUrl: server.url });
    const { response } = await model.generateContent([client.picturePart, { text: 'Describe the picture.' }]);
    expect(response.text()).toBe('A landscape picture of 800 x 600 pixels.');
    expect(response).toMatchObject({ modelVersion: `${MODEL}@local-reader` });
    expect(response.usageMetadata).toEqual({
      promptTokenCount: 1070,
      candidatesTokenCount: 10,
      totalTokenCount: 1080,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 6 },
        { modality: 'IMAGE', tokenCount: 1064 },
      ],
      candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }],
      serviceTier: 'standard',
    });
  });

  it('is cut off, and billed, where thinking and text reach maxOutputTokens', async () => {
    const { body } = await client.describePicture({ generationConfig: { maxOutputTokens: 4 } });
    expect(body.candidates[0]).toMatchObject({
      finishReason: 'MAX_TOKENS',
      content: { parts: [{ text: 'A landscape pict' }] },
    });
    const thinking = { maxOutputTokens: 90, thinkingConfig: { thinkingLevel: 'low' } };
    const eaten = await client.describePicture({ generationConfig: thinking });
    expect(eaten.body.candidates[0]).toMatchObject({
      finishReason: 'MAX_TOKENS',
      content: { role: 'model' },
    });
    expect(eaten.body.usageMetadata).toMatchObject({ thoughtsTokenCount: 90, totalTokenCount: 1160 });
  });

  it('is counted beforehand to the same prompt', async () => {
    const contents = [{ role: 'user', parts: [client.picturePart, { text: 'Describe the picture.' }] }];
    expect((await client.call(`v1beta/models/${MODEL}:countTokens`, { contents })).body.totalTokens).toBe(
      1070,
    );
  });

  it('adds up to the bill, by model', async () => {
    await client.describePicture();
    await client.describePicture();
    await client.describePicture({}, 'gemini-3.8-flash');
    const { total, byModel } = server.bill();
    expect(total).toEqual({ calls: 3, prompt: 3210, image: 3192, cached: 0, candidates: 30, thoughts: 320 });
    expect(Object.keys(byModel)).toEqual([`${MODEL}@local-reader`, 'gemini-3.8-flash@local-reader']);
  });
});
