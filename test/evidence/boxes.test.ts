import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { judge } from '../../shared/model/judge.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { NO_IMAGE } from '../../shared/model/request.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { defineProfile, type Profile } from '../../shared/profiles/define.ts';
import { readProfileValue } from '../../shared/profiles/file/read-profile.ts';
import { answerKey } from '../../shared/results/earlier-answers.ts';
import { builtIn } from '../support/built-in.ts';

const RECEIPT = z.strictObject({
  shop: z.string().nullable(),
  lines: z.array(z.object({ text: z.string(), price: z.number() })).max(20),
  confidence: z.number().min(0).max(1),
});

const plain: Profile<typeof RECEIPT> = { ...builtIn('describe'), name: 'receipt', schema: RECEIPT };
const profile = defineProfile({ ...plain, evidence: 'boxes' });

const ANSWER = { shop: 'Nord', lines: [{ text: 'Tea', price: 4.5 }], confidence: 0.9 };
const BOX = { field: 'lines[0].price', box_2d: [120, 700, 160, 790] };
const READ = { field: 'lines[0].price', box: { top: 120, left: 700, bottom: 160, right: 790 } };

const answered = (evidence: unknown) =>
  judge({ kind: 'answer', text: JSON.stringify({ ...ANSWER, evidence }) }, profile, 'a-model');

describe('boxes beside an answer', () => {
  it('are split off it, top before left, and are no part of it', () => {
    expect(answered([BOX])).toMatchObject({
      kind: 'valid',
      answer: ANSWER,
      partial: false,
      evidence: { boxes: [READ], dropped: 0 },
    });
  });

  it('may stand around an entry of a list as a whole', () => {
    expect(answered([{ ...BOX, field: 'lines[0]' }])).toMatchObject({
      evidence: { boxes: [{ ...READ, field: 'lines[0]' }] },
    });
  });

  it.each(['lines.0.price', '$.lines[0].price', '/lines/0/price'])('are known by the path %s', (field) => {
    expect(answered([{ ...BOX, field }])).toMatchObject({ evidence: { boxes: [READ], dropped: 0 } });
  });

  it.each<[string, unknown]>([
    ['outside of the picture', { ...BOX, box_2d: [120, 700, 1001, 790] }],
    ['before its edge', { ...BOX, box_2d: [-1, 700, 160, 790] }],
    ['upside down', { ...BOX, box_2d: [160, 700, 120, 790] }],
    ['of no width', { ...BOX, box_2d: [120, 790, 160, 790] }],
    ['of three numbers', { ...BOX, box_2d: [120, 700, 160] }],
    ['of texts', { ...BOX, box_2d: ['120', '700', '160', '790'] }],
    ['of nulls, as NaN is written', { ...BOX, box_2d: [null, null, null, null] }],
    ['in shares of one', { ...BOX, box_2d: [0.12, 0.7, 0.16, 0.79] }],
    ['of another form', { ...BOX, box_2d: { ymin: 1, xmin: 1, ymax: 2, xmax: 2 } }],
    ['without a box', { field: 'shop' }],
    ['without a field', { box_2d: BOX.box_2d }],
    ['of a field that is not there', { ...BOX, field: 'total' }],
    ['of an entry that is not there', { ...BOX, field: 'lines[1].price' }],
    ['of what every object has', { ...BOX, field: 'constructor' }],
    ['of the answer as a whole', { ...BOX, field: '' }],
    ['of what the model says of itself', { ...BOX, field: 'confidence' }],
    ['that is no object', 'here'],
    ['that is nothing', null],
  ])('one %s is dropped; the answer stays and is not asked for again', (_what, bad) => {
    expect(answered([bad, BOX])).toMatchObject({
      kind: 'valid',
      answer: ANSWER,
      evidence: { boxes: [READ], dropped: 1 },
    });
  });

  it.each([[null], ['none'], [7], [{ shop: [1, 2, 3, 4] }]])(
    'that are %j cost the answer nothing',
    (given) => {
      expect(answered(given)).toMatchObject({
        kind: 'valid',
        answer: ANSWER,
        evidence: { boxes: [], dropped: 1 },
      });
    },
  );

  it('of what was not found are dropped', () => {
    const text = JSON.stringify({ ...ANSWER, shop: null, evidence: [{ ...BOX, field: 'shop' }] });
    expect(judge({ kind: 'answer', text }, profile, 'a-model')).toMatchObject({
      evidence: { boxes: [], dropped: 1 },
    });
  });

  it.each([
    [[BOX], []],
    [[], [BOX]],
    [[BOX], undefined],
  ])('that differ do not make one answer two (%j, %j)', (...all) => {
    const text = all.map((evidence) => JSON.stringify({ ...ANSWER, evidence })).join('\n');
    expect(judge({ kind: 'answer', text }, profile, 'a-model')).toMatchObject({
      kind: 'valid',
      answer: ANSWER,
      evidence: { boxes: [READ] },
    });
  });

  it('do not help an answer of the wrong form', () => {
    const text = JSON.stringify({ ...ANSWER, lines: 'Tea', evidence: [BOX] });
    expect(judge({ kind: 'answer', text }, profile, 'a-model')).toMatchObject({
      kind: 'repairable',
      issues: expect.stringContaining('lines'),
    });
  });

  it('are an unknown field where the profile does not ask for them', () => {
    const text = JSON.stringify({ ...ANSWER, evidence: [BOX] });
    expect(judge({ kind: 'answer', text }, plain, 'a-model')).toMatchObject({ kind: 'repairable' });
  });
});

describe('a reply that was cut off', () => {
  const whole = JSON.stringify({ ...ANSWER, evidence: [BOX, { ...BOX, field: 'shop' }] });
  const cutAt = (end: number) => judge({ kind: 'cut-off', text: whole.slice(0, end) }, profile, 'a-model');

  it('among its boxes has the whole answer, and the boxes until then', () => {
    expect(cutAt(whole.indexOf(',{"field":"shop"') + 20)).toMatchObject({
      kind: 'valid',
      answer: ANSWER,
      confidence: 0.9,
      partial: false,
      evidence: { boxes: [READ] },
    });
  });

  it('before its boxes is the part of an answer', () => {
    expect(cutAt(whole.indexOf('"confidence"') + 5)).toMatchObject({
      kind: 'valid',
      partial: true,
      confidence: 0,
    });
  });
});

describe('what is asked', () => {
  it('has one more field, the last one, with one box for each value at most', () => {
    const { responseSchema, text } = composePrompt(profile);
    expect(responseSchema.propertyOrdering).toEqual(['shop', 'lines', 'confidence', 'evidence']);
    // The shop, and twenty lines of two values; nobody can point at a confidence.
    expect(responseSchema.properties?.['evidence']).toMatchObject({ type: 'ARRAY', maxItems: 41 });
    expect(text).toContain('such as lines[0].text');
    expect(text).toContain('[ymin, xmin, ymax, xmax]');
  });

  it('shows by a value that has a place how paths are written', () => {
    const schema = z.object({ confidence: z.number().min(0).max(1), shop: z.string() });
    expect(composePrompt(defineProfile({ ...profile, schema })).text).toContain('such as shop, and');
  });

  it('is as before where no boxes are wanted', () => {
    expect(composePrompt(plain)).not.toHaveProperty('evidenceTokens');
    const { responseSchema, text } = composePrompt(plain);
    expect(Object.keys(responseSchema.properties ?? {})).toEqual(['shop', 'lines', 'confidence']);
    expect(text).not.toContain('box');
  });

  it('is another question than without boxes: answers are not shared', () => {
    expect(answerKey({ sha256: 'a' }, profile)).not.toBe(answerKey({ sha256: 'a' }, plain));
  });

  it('is expected to cost as much more as its boxes take: 15 of 40 tokens until real answers have been seen', () => {
    const prices = new PriceList();
    const step = { mediaResolution: 'MEDIUM', thinkingLevel: 'minimal', maxOutputTokens: 2048 } as const;
    const model = 'gemini-3.5-flash-lite';
    const at = Date.parse('2026-11-30T00:00:00Z');
    const asked = { model, step, instructions: '', prompt: '', responseSchema: {}, image: NO_IMAGE };
    const size = { width: 4, height: 3 };
    const expected = (more: object) =>
      new Estimator(prices).estimate('receipt', { ...asked, ...more }, size, at).expected;
    const { evidenceTokens } = composePrompt(profile);
    expect(evidenceTokens).toBe(600);
    const usage = { prompt: 0, image: 0, cached: 0, thoughts: 0, output: 600 };
    const { nanos } = prices.costOf({ version: model, requested: model, usage, atMs: at, lane: 'standard' });
    expect(expected({ evidenceTokens }) - expected({})).toBe(nanos);
  });
});

describe('the length of earlier answers', () => {
  it('says nothing of those that come with boxes from now on', () => {
    const estimator = new Estimator(new PriceList());
    const step = { mediaResolution: 'MEDIUM', thinkingLevel: 'minimal', maxOutputTokens: 2048 } as const;
    const model = 'gemini-3.5-flash-lite';
    const asked = { model, step, instructions: '', prompt: '', responseSchema: {}, image: NO_IMAGE };
    const size = { width: 4, height: 3 };
    const atMs = Date.parse('2026-11-30T00:00:00Z');
    const boxes = { ...asked, evidenceTokens: 600 };
    const before = estimator.estimate('receipt', boxes, size, atMs);
    estimator.learn('receipt', asked, { prompt: 0, image: 0, cached: 0, thoughts: 0, output: 20 });
    expect(estimator.estimate('receipt', boxes, size, atMs)).toEqual(before);
    estimator.learn('receipt', boxes, { prompt: 0, image: 0, cached: 0, thoughts: 0, output: 20 });
    expect(estimator.estimate('receipt', boxes, size, atMs).expected).toBeLessThan(before.expected);
  });
});

describe('a profile is refused', () => {
  const file = { prompt: 'Read it.', fields: { sku: 'text' }, evidence: 'boxes' };

  it('where a field of its own has the name of the boxes', () => {
    expect(readProfileValue('receipt', { ...file, fields: { evidence: 'text' } })).toMatchObject({
      problems: [{ text: expect.stringContaining('rename the field') }],
    });
  });

  it('where its lists and the boxes together are more than the API takes', () => {
    const codes = { listOf: 'text', max: 850 };
    expect(readProfileValue('receipt', { ...file, evidence: undefined, fields: { codes } })).toHaveProperty(
      'profile',
    );
    expect(readProfileValue('receipt', { ...file, fields: { codes } })).toMatchObject({
      problems: [{ text: expect.stringContaining('with evidence') }],
    });
  });

  it('where no step of its ladder is of a model that writes', () => {
    const decided = { ...file, fields: { torn: 'boolean' } };
    const ladder = [{ model: 'gemini-decision-1', mediaResolution: 'MEDIUM' }];
    expect(readProfileValue('receipt', { ...decided, ladder: 'decision' })).toHaveProperty('profile');
    expect(readProfileValue('receipt', { ...decided, ladder })).toMatchObject({
      problems: [{ text: expect.stringContaining('a model that writes') }],
    });
  });

  it('where it wants evidence of a kind that there is not', () => {
    expect(readProfileValue('receipt', { ...file, evidence: 'masks' })).toHaveProperty('problems');
    expect(() => defineProfile({ ...plain, evidence: 'masks' as 'boxes' })).toThrow('evidence must be boxes');
  });
});
