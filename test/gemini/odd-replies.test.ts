import { describe, expect, it } from 'vitest';
import { readReply } from '../../shared/model/gemini/reply.ts';

const content = { parts: [{ text: '{"caption":"x"}' }] };
const candidates = [{ content, finishReason: 'STOP' }];
const usageMetadata = { promptTokenCount: 1200, candidatesTokenCount: 60 };
const usual = { candidates, usageMetadata };

const ANSWER = {
  end: { kind: 'answer', text: '{"caption":"x"}' },
  usage: { prompt: 1200, image: 0, cached: 0, thoughts: 0, output: 60 },
};

describe('a reply with one odd field keeps its answer and its usage', () => {
  it.each<[string, object]>([
    ['promptFeedback: null', { ...usual, promptFeedback: null }],
    ['a text for promptFeedback', { ...usual, promptFeedback: 'none' }],
    ['a second candidate without content', { ...usual, candidates: [...candidates, { content: null }] }],
    ['a first candidate without content', { ...usual, candidates: [{ content: null }, ...candidates] }],
    ['null among the candidates', { ...usual, candidates: [null, ...candidates] }],
    [
      'null among the parts',
      { ...usual, candidates: [{ content: { parts: [null, ...content.parts] }, finishReason: 'STOP' }] },
    ],
    [
      'a part whose text is a number',
      {
        ...usual,
        candidates: [{ content: { parts: [{ text: 1 }, ...content.parts] }, finishReason: 'STOP' }],
      },
    ],
    ['a null count of thoughts', { ...usual, usageMetadata: { ...usageMetadata, thoughtsTokenCount: null } }],
    [
      'odd details of the prompt',
      { ...usual, usageMetadata: { ...usageMetadata, promptTokensDetails: [null, { modality: 7 }] } },
    ],
    ['a count as text', { ...usual, usageMetadata: { ...usageMetadata, promptTokenCount: '1200' } }],
    [
      'no count of the prompt but the total',
      { ...usual, usageMetadata: { ...usageMetadata, promptTokenCount: null, totalTokenCount: 1260 } },
    ],
    ['a number for the version', { ...usual, modelVersion: 3 }],
    ['no finish reason', { ...usual, candidates: [{ content }] }],
    ['null for the finish reason', { ...usual, candidates: [{ content, finishReason: null }] }],
  ])('%s', (_what, body) => {
    expect(readReply(body, { model: 'm' })).toEqual({ ...ANSWER, modelVersion: 'm' });
  });

  it('odd candidates keep the usage, odd usage the answer', () => {
    expect(readReply({ ...usual, candidates: 'none' }, { model: 'm' })).toMatchObject({
      end: { kind: 'empty' },
      usage: ANSWER.usage,
    });
    expect(readReply({ ...usual, usageMetadata: 'none' }, { model: 'm' })).toMatchObject({
      end: ANSWER.end,
      usage: null,
    });
  });

  it('a body that is no object at all is empty', () => {
    expect(readReply(null, { model: 'm' })).toEqual({
      end: { kind: 'empty' },
      modelVersion: 'm',
      usage: null,
    });
  });
});

describe('a finish reason', () => {
  it.each([
    ['SAFETY', 'blocked'],
    ['PROHIBITED_CONTENT', 'blocked'],
    ['RECITATION', 'recitation'],
    ['IMAGE_RECITATION', 'recitation'],
    ['LANGUAGE', 'declined'],
    ['OTHER', 'declined'],
    ['MAX_TOKENS', 'cut-off'],
    ['MALFORMED_RESPONSE', 'odd-finish'],
  ])('%s is %s', (finishReason, kind) => {
    expect(readReply({ candidates: [{ finishReason }] }, { model: 'm' }).end.kind).toBe(kind);
  });

  it('of a prompt that was blocked for no stated reason is no matter of safety', () => {
    expect(readReply({ promptFeedback: { blockReason: 'OTHER' } }, { model: 'm' }).end.kind).toBe('declined');
    expect(readReply({ promptFeedback: { blockReason: 'SAFETY' } }, { model: 'm' }).end.kind).toBe('blocked');
  });
});
