import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createReader } from '../../local/reader/reader.ts';
import { askAbout } from './gemini-client.ts';
import { drawLabel, plainPicture } from './label-pictures.ts';

const reader = createReader();
let simulator: GeminiSimulator;

beforeAll(async () => {
  simulator = await startGeminiSimulator({ read: reader.read });
});
afterAll(async () => {
  await simulator.close();
  await reader.close();
});

const ask = (image: Buffer, config: Record<string, unknown>): Promise<unknown> =>
  askAbout(simulator, image, config);

describe('schemas of any kind', () => {
  const label = () =>
    drawLabel({
      lines: ['SKU-12345 QTY 24', 'LOT 4711', 'PRICE 12.50'],
      barcode: { text: '4006381333931', format: 'EAN13' },
    });

  it('are filled by what the fields mean', async () => {
    const schema = {
      type: 'object',
      properties: {
        barcodes: { type: 'array', items: { type: 'string' } },
        has_text: { type: 'boolean' },
        sku: { type: ['string', 'null'] },
        lot: { type: 'string' },
        price: { anyOf: [{ type: 'number' }, { type: 'null' }] },
        supplier: { type: ['string', 'null'] },
        itemCount: { type: 'integer' },
        colors: {
          type: 'array',
          maxItems: 1,
          items: { type: 'object', properties: { name: { type: 'string' } } },
        },
        layout: { $ref: '#/$defs/layout' },
      },
      required: ['supplier', 'barcodes', 'layout'],
      $defs: { layout: { enum: ['portrait', 'landscape'], description: 'orientation' } },
    };
    expect(await ask(await label(), { responseJsonSchema: schema })).toMatchObject({
      barcodes: ['4006381333931'],
      has_text: true,
      sku: '12345',
      lot: '4711',
      price: 12.5,
      supplier: null,
      itemCount: 1,
      colors: [{ name: 'brown' }],
    });
  });

  it('keep the bounds that the schema sets', async () => {
    const schema = {
      type: 'object',
      properties: {
        text: { type: 'string', maxLength: 5 },
        quantity: { type: 'integer', maximum: 10 },
        tags: { type: 'array', maxItems: 1, items: { type: 'string' } },
      },
    };
    const answer = await ask(await label(), { responseJsonSchema: schema });
    expect(answer).toEqual({ text: 'SKU-1', quantity: 10, tags: ['barcode'] });
  });

  it('leave out what only sounds like something that was read', async () => {
    const names = ['countryCode', 'riskScore', 'productName', 'totalPrice', 'phoneNumber', 'brand'];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    expect(await ask(await label(), { responseJsonSchema: { type: 'object', properties } })).toEqual({});
  });

  it('that refer to themselves end', async () => {
    const node = {
      type: 'object',
      properties: {
        left: { $ref: '#/$defs/node' },
        right: { $ref: '#/$defs/node' },
        sku: { type: 'string' },
      },
    };
    const schema = { $ref: '#/$defs/node', $defs: { node } };
    expect(await ask(await label(), { responseJsonSchema: schema })).toMatchObject({ sku: '12345' });
  });

  it.each([
    [{ type: 'OBJECT', properties: { a: { type: 'INTEGER', enum: ['1'] } } }, 'only allowed for STRING type'],
    [{ type: 'OBJECT', properties: { a: {} } }, "didn't specify the schema type"],
    [{ type: 'OBJECT', properties: { a: { type: 'OBJECT' } } }, 'non-empty for OBJECT type'],
    [
      { type: 'OBJECT', properties: { a: { type: 'STRING', format: 'date' } } },
      "only 'enum' and 'date-time'",
    ],
    [
      { type: 'OBJECT', properties: { a: { type: 'STRING' } }, additionalProperties: false },
      'Cannot find field',
    ],
    [{ type: 'OBJECT', properties: { a: { type: ['STRING', 'NULL'] } } }, 'Invalid value'],
  ])('in the OpenAPI subset are refused with the reason: %j', async (schema, reason) => {
    await expect(ask(await plainPicture('red'), { responseSchema: schema })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    { type: 'object', properties: 'none' },
    { enum: 'a' },
    { anyOf: {} },
    { type: 5 },
    { required: [1] },
    { type: 'boolean', enum: [true] },
    { type: 'object', properties: { a: { $ref: '#/$defs/b' } }, $defs: {} },
    {
      type: 'object',
      properties: { a: { $ref: '#/$defs/b', minItems: 1 } },
      $defs: { b: { type: 'string' } },
    },
    { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
  ])('that are no schemas are refused: %j', async (schema) => {
    await expect(ask(await plainPicture('red'), { responseJsonSchema: schema })).rejects.toMatchObject({
      status: 400,
    });
  });
});
