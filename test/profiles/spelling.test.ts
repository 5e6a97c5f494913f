import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { judge } from '../../shared/model/judge.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import { compileJsonSchema, compileZod } from '../../shared/profiles/schema/compile.ts';

const read = (field: z.ZodType, value: unknown) => compileZod(z.object({ a: field })).read({ a: value });

describe('a value that only is spelled otherwise is read without another call', () => {
  it.each([
    ['a number as text', z.number(), '12.50', 12.5],
    ['a negative number with a typographic minus', z.number(), '−3', -3],
    ['thousands in English', z.number(), '1,234.50', 1234.5],
    ['thousands on the continent', z.number(), '1.234,50', 1234.5],
    ['a decimal comma', z.number(), '12,5', 12.5],
    ['a whole number as text', z.int(), ' 24 ', 24],
    ['true as text', z.boolean(), 'True', true],
    ['no', z.boolean(), 'no', false],
    ['a text that looks like a number', z.string(), 4711, '4711'],
    ['a choice in capitals', z.enum(['new', 'damaged']), 'NEW', 'new'],
    ['a choice with a space', z.enum(['in_stock', 'sold']), 'In stock', 'in_stock'],
    ['a date of the continent', z.iso.date(), '29.11.2026', '2026-11-29'],
    ['a date in words', z.iso.date(), 'November 29, 2026', '2026-11-29'],
    ['a date in words, day first', z.iso.date(), '3 Oct. 2026', '2026-10-03'],
    ['a date in digits', z.iso.date(), '20261129', '2026-11-29'],
    ['a date with its time', z.iso.date(), '2026-11-29T10:00:00Z', '2026-11-29'],
    ['a date that only one order allows', z.iso.date(), '11/29/2026', '2026-11-29'],
    [
      'a moment with a space',
      z.iso.datetime({ offset: true }),
      '2026-11-29 9:05 +0100',
      '2026-11-29T09:05:00+01:00',
    ],
    ['a time of day', z.iso.time(), '9:05 pm', '21:05:00'],
    ['null as text', z.number().nullable(), 'N/A', null],
  ])('%s', (_how, field, written, meant) => {
    expect(read(field, written)).toEqual({ success: true, data: { a: meant }, respelled: ['a'] });
  });

  it('a missing field that may be null, and a null where a field may be missing', () => {
    const { read: readBoth } = compileZod(z.object({ a: z.string().nullable(), b: z.string().optional() }));
    expect(readBoth({ b: null })).toEqual({ success: true, data: { a: null }, respelled: ['a', 'b'] });
  });

  it('each path once, also inside of lists and unions', () => {
    const box = z.object({ kind: z.literal('box'), depth: z.number() });
    const tube = z.object({ kind: z.literal('tube'), length: z.number() });
    const { read: readParts } = compileZod(z.object({ parts: z.array(z.union([box, tube])).max(9) }));
    const parts = [
      { kind: 'tube', length: '2' },
      { kind: 'BOX', depth: '3' },
    ];
    expect(readParts({ parts })).toEqual({
      success: true,
      data: {
        parts: [
          { kind: 'tube', length: 2 },
          { kind: 'box', depth: 3 },
        ],
      },
      respelled: ['parts[].length', 'parts[].kind', 'parts[].depth'],
    });
  });

  it('codes and currencies of a profile in JSON Schema', () => {
    const properties = { a: { type: 'string', format: 'gtin' }, b: { type: 'string', format: 'currency' } };
    const { read: readCodes } = compileJsonSchema({ type: 'object', properties, required: ['a', 'b'] });
    expect(readCodes({ a: '4 006381 333931', b: 'eur' })).toMatchObject({
      data: { a: '4006381333931', b: 'EUR' },
      respelled: ['a', 'b'],
    });
    expect(readCodes({ a: '4006381333932', b: 'EUR' })).toMatchObject({ success: false });
    expect(readCodes({ a: '4006381333931', b: 'EURO' })).toMatchObject({ success: false });
  });
});

describe('what is in doubt is not guessed', () => {
  it.each([
    ['1,234 may be a thousand or a decimal', z.number(), '1,234'],
    ['a unit may matter', z.number(), '12 kg'],
    ['nothing is no number', z.number(), ''],
    ['3/4 may be in March or in April', z.iso.date(), '3/4/2026'],
    ['a day that does not exist', z.iso.date(), '31.02.2026'],
    ['a moment without its zone', z.iso.datetime(), '2026-11-29 10:00'],
    ['two choices that are spelled alike', z.enum(['a-b', 'a_b']), 'A B'],
    ['more digits than a number holds', z.string(), 2 ** 60],
    ['a fraction of a whole number', z.int(), '2.5'],
  ])('%s', (_why, field, written) => {
    expect(read(field, written)).toMatchObject({ success: false });
  });
});

describe('a reply', () => {
  const inventory = profileNamed('inventory');
  const item = { sku: 'KX-1', quantity: '36', condition: 'New' };
  const text = JSON.stringify({ shelfId: null, items: [item], confidence: '0.9' });

  it('of another spelling is valid, with its confidence, and says so', () => {
    if (!inventory) throw new Error('inventory');
    expect(judge({ kind: 'answer', text }, inventory, 'm')).toMatchObject({
      kind: 'valid',
      confidence: 0.9,
      respelled: ['items[].quantity', 'items[].condition', 'confidence'],
    });
  });

  it('that fits as it is goes before one that is spelled otherwise', () => {
    if (!inventory) throw new Error('inventory');
    const exact = JSON.stringify({ shelfId: 'A', items: [], confidence: 1 });
    expect(judge({ kind: 'answer', text: `${text} ${exact}` }, inventory, 'm')).toMatchObject({
      kind: 'valid',
      answer: { shelfId: 'A' },
      respelled: [],
    });
  });

  it('that a rule of the schema cannot be applied to is invalid, not an accident', () => {
    const broken = z.object({ a: z.string().refine(() => Promise.resolve(true)) });
    expect(compileZod(broken).read({ a: 'x' })).toMatchObject({ success: false });
  });
});
