import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { judge } from '../../shared/model/judge.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { builtIn } from '../support/built-in.ts';
import { DESCRIPTION } from '../support/pipeline.ts';

const described = builtIn('describe');

const JSON_TEXT = JSON.stringify(DESCRIPTION);
const other = { ...DESCRIPTION, caption: 'Another one.' };
const answered = (text: string, profile: Profile = described) =>
  judge({ kind: 'answer', text }, profile, 'a-model');
const cutOff = (text: string, profile: Profile = described) =>
  judge({ kind: 'cut-off', text }, profile, 'a-model');

describe('an answer is read without a second call', () => {
  it.each([
    ['with a fragment behind it', `${JSON_TEXT}."\n}`],
    ['that comes twice', `${JSON_TEXT}\n${JSON_TEXT}`],
    [
      'twice with its fields in another order',
      `${JSON_TEXT}${JSON.stringify(Object.fromEntries(Object.entries(DESCRIPTION).reverse()))}`,
    ],
    ['in a fence with words around it', `Here it is:\n\`\`\`json\n${JSON_TEXT}\n\`\`\`\nAnything else?`],
    ['in a list of one', `[${JSON_TEXT}]`],
    ['in a list of one with words around it', `Sure: [${JSON_TEXT}] as asked {or not}`],
    ['beside an object of another form', `{"thinking":"a shelf"} ${JSON_TEXT}`],
  ])('%s', (_how, text) => {
    expect(answered(text)).toMatchObject({ kind: 'valid', answer: DESCRIPTION, partial: false });
  });
});

describe('an answer is sent back', () => {
  it('when it holds two that differ', () => {
    expect(answered(`${JSON_TEXT} ${JSON.stringify(other)}`)).toMatchObject({
      kind: 'repairable',
      issues: expect.stringContaining('2 objects that differ'),
    });
    expect(answered(JSON.stringify([DESCRIPTION, other]))).toMatchObject({ kind: 'repairable' });
  });

  it('when what is inside of a broken object would do alone', () => {
    const loose: Profile = { ...described, schema: z.object({ sku: z.string() }) };
    expect(answered('{"items":[{"sku":"1"},{"sku":"2" oops', loose)).toMatchObject({ kind: 'repairable' });
  });

  it('with the issues of the object where it is in a list of the wrong form', () => {
    expect(answered('[{"caption":7}]')).toMatchObject({
      kind: 'repairable',
      issues: expect.stringContaining('caption'),
    });
  });

  it('when there is no JSON in it', () => {
    expect(answered('I cannot tell.')).toMatchObject({
      kind: 'repairable',
      issues: expect.stringContaining('not JSON'),
    });
  });
});

describe('an answer that was cut off', () => {
  const plain: Profile = {
    ...described,
    schema: z.strictObject({ caption: z.string(), tags: z.array(z.string()) }),
  };

  it('is saved where its schema has no confidence, and counts as unsure', () => {
    expect(cutOff('{"caption":"A shelf.","tags":["a","b', plain)).toMatchObject({
      kind: 'valid',
      answer: { caption: 'A shelf.', tags: ['a'] },
      confidence: null,
      partial: true,
    });
  });

  it('is whole where only what came behind it was cut off', () => {
    expect(cutOff(`${JSON_TEXT}\n\n\n${JSON_TEXT.slice(0, 30)}`)).toMatchObject({
      kind: 'valid',
      answer: DESCRIPTION,
      partial: false,
    });
  });

  it('is saved from a list of one and from behind words', () => {
    const cut = '[{"caption":"A shelf.","tags":["shelf"],"visibleText":"SALE","confi';
    expect(cutOff(`Here: ${cut}`)).toMatchObject({ kind: 'valid', partial: true, confidence: 0 });
  });

  it('before its first word says that the limit was too low', () => {
    expect(cutOff('')).toMatchObject({ kind: 'failed', failure: { code: 'MODEL_CUT_OFF' } });
  });
});

describe('half a surrogate pair in an answer', () => {
  it('becomes U+FFFD, so that its UTF-8 is valid', () => {
    const verdict = answered(JSON_TEXT.replace('A plain', '\\ud83d plain'));
    expect(verdict).toMatchObject({ kind: 'valid', answer: { caption: '\ufffd plain area of color.' } });
  });
});

describe('a model that came to its end without a word', () => {
  it('is no reason to advise more output tokens', () => {
    const verdict = judge({ kind: 'empty' }, described, 'a-model');
    if (verdict.kind !== 'failed') throw new Error(verdict.kind);
    expect(verdict.failure.code).toBe('MODEL_EMPTY_ANSWER');
    expect(verdict.failure.toPublic().hint).not.toMatch(/maxOutputTokens/);
  });
});
