import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { billOf } from '../support/bill.ts';
import {
  ALONE,
  callsOf,
  DECISION,
  type DecidingPipeline,
  nanosOf,
  PARCEL,
  SURE,
  startDeciding,
  WRITTEN,
} from './deciding.ts';

let pipeline: DecidingPipeline;

beforeAll(async () => {
  pipeline = await startDeciding({
    profiles: {
      strict: PARCEL.replace('minConfidence: 0.6', 'minConfidence: 0.9'),
      alone: ALONE,
      twice: PARCEL.replace('ladder: decision', `ladder: [${stepOf('LOW')}, ${stepOf('HIGH')}]`),
      unstated: PARCEL.replace(/ {2}confidence.*\n/, ''),
      named: NAMED,
      'one-mark': PARCEL.replace('max: 3', 'max: 1'),
      cached: PARCEL.replace('cacheTtlHours: 0', 'cacheTtlHours: 24'),
    },
  });
});
afterAll(() => pipeline.close());
beforeEach(() => pipeline.model.reset());

const NAMED = `
prompt: Judge it.
ladder: decision
cacheTtlHours: 0
fields:
  constructor: { fields: { legible: boolean } }
  valueOf: { enum: [toString, box] }
`;

const DECIDED = {
  ...{ damaged: false, kind: 'box', label: { legible: null, grade: 3 }, marks: ['fragile'] },
  // 0.98 x 0.96 x 0.95 x 0.94 x 0.98 x 0.99 x 0.97
  confidence: 0.7906,
};

describe('a profile of closed fields', () => {
  it('is answered by one decision, without a word that is written', async () => {
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(document).toMatchObject({ status: 'completed', answer: DECIDED });
    expect(callsOf(document)).toEqual(['decision ok']);
    expect(pipeline.modelCalls()).toBe(0);
    const { byTier } = pipeline.model.bill();
    expect(Object.keys(byTier)).toEqual(['standard']);
    expect(byTier['standard']?.[DECISION]).toMatchObject({ candidates: 0, thoughts: 0 });
    expect(nanosOf(document)).toBe(billOf(pipeline));
    expect(nanosOf(document)).toBeGreaterThan(0);
    expect(nanosOf(document)).toBeLessThan(150_000);
  });

  it('says how likely each field is right, and is as sure as all of them together', async () => {
    const { model } = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(model).toMatchObject({
      requested: DECISION,
      version: DECISION,
      step: 0,
      mediaResolution: 'MEDIUM',
      confidence: DECIDED.confidence,
      probabilities: {
        damaged: 0.98,
        kind: 0.96,
        'label.legible': 0.95,
        'label.grade': 0.94,
        marks: 0.9411,
      },
    });
  });

  it('climbs when the decision is less sure than the profile wants', async () => {
    const document = await pipeline.settled(await pipeline.ask([{ json: SURE }], { folder: 'strict' }));
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written ok']);
    expect(document).toMatchObject({ answer: WRITTEN, model: { step: 1 } });
    expect(document['model']).not.toHaveProperty('probabilities');
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });

  it('climbs by its probability where its answers have no field for one', async () => {
    const unsure = { ...SURE, damaged: 0.5 };
    const document = await pipeline.settled(await pipeline.ask([{ json: unsure }], { folder: 'unstated' }));
    expect(callsOf(document)).toEqual(['decision low-confidence', 'written ok']);
    const sure = await pipeline.settled(await pipeline.ask([{ json: SURE }], { folder: 'unstated' }));
    expect(sure).toMatchObject({ model: { step: 0, confidence: DECIDED.confidence } });
    expect(sure['answer']).not.toHaveProperty('confidence');
  });

  it.each([
    ['leaves an answer out', { fault: 'wrongShape' }],
    ['gives none at all', { fault: 'empty' }],
    ['holds what is no option for likely', { json: { ...SURE, kind: 'crate' } }],
    [
      'chooses what is no option',
      reply({ type: 'choice', choice: 'crate', probabilities: { box: 0.9, bag: 0.1 }, confidence: 0.9 }),
    ],
    [
      'chooses one option and holds another one for likelier',
      reply({ type: 'choice', choice: 'bag', probabilities: { box: 0.9, bag: 0.05 }, confidence: 0.9 }),
    ],
    ['answers in another form', reply({ type: 'ranking', order: ['box', 'bag'] })],
  ])('asks the models that write when the decision %s', async (_, step) => {
    const document = await pipeline.settled(await pipeline.ask([step]));
    expect(callsOf(document)).toEqual(['decision invalid', 'written ok']);
    expect(document).toMatchObject({ status: 'completed', answer: WRITTEN });
  });

  it('does not ask again for another form of an answer that the profile forbids', async () => {
    const twoMarks = { ...SURE, 'marks: heavy': 0.9 };
    const steps = [{ json: twoMarks, times: 9 }];
    const document = await pipeline.settled(await pipeline.ask(steps, { folder: 'one-mark' }));
    expect(callsOf(document)).toEqual(['decision invalid', 'written ok']);
    expect(document).toMatchObject({ status: 'completed', model: { step: 1 } });
  });

  it.each([
    ['blocks the picture', { fault: 'blockedPrompt' }, 'decision blocked'],
    ['refuses the request', { fault: 'invalid400' }, 'decision MODEL_REJECTED_REQUEST'],
  ])('asks the models that write when the preview %s', async (_, step, said) => {
    const document = await pipeline.settled(await pipeline.ask([step]));
    expect(callsOf(document)).toEqual([said, 'written ok']);
    expect(document).toMatchObject({ status: 'completed', answer: WRITTEN });
  });

  it('is refused like by any model where nobody is left to ask', async () => {
    const document = await pipeline.settled(
      await pipeline.ask([{ fault: 'blockedPrompt' }], { folder: 'alone' }),
    );
    expect(document).toMatchObject({ status: 'refused', failure: { code: 'MODEL_BLOCKED' } });
  });

  it('asks again after the time that a 429 names', async () => {
    const started = Date.now();
    const document = await pipeline.settled(
      await pipeline.ask([{ fault: 'quota429', retryDelaySeconds: 1 }, { json: SURE }]),
    );
    expect(callsOf(document)).toEqual(['decision MODEL_QUOTA_MINUTE', 'decision ok']);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_000);
    expect(nanosOf(document)).toBe(billOf(pipeline));
  });

  it.each([
    ['the first', [0.44, 0.49], { step: 0, mediaResolution: 'LOW' }],
    ['the second', [0.49, 0.44], { step: 1, mediaResolution: 'HIGH' }],
  ])('takes the better of both answers at the top: %s', async (_, said, model) => {
    const steps = said.map((damaged) => ({ json: { ...SURE, damaged } }));
    const document = await pipeline.settled(await pipeline.ask(steps, { folder: 'twice' }));
    expect(callsOf(document)).toEqual(['decision low-confidence', 'decision low-confidence']);
    expect(document).toMatchObject({ status: 'completed', model, review: { because: 'unsure' } });
  });

  it.each([
    ['no answers', { answers: null }],
    ['answers that are a list', { answers: ['box'] }],
    ['a feedback without a form', { answers: {}, prompt_feedback: 'none' }],
  ])('books what a reply with %s has cost', async (_, odd) => {
    const body = { ...odd, usage: { total_input_tokens: 300 } };
    const document = await pipeline.settled(await pipeline.ask([{ reply: { status: 200, body } }]));
    expect(callsOf(document)).toEqual(['decision invalid', 'written ok']);
    const [decision] = document['attempts'] as object[];
    // 300 tokens at $0.10 per million.
    expect(decision).toMatchObject({ tokens: { prompt: 300 }, costUsd: 0.00003 });
  });

  it('keeps good answers whose usage has no form', async () => {
    const good = reply({ type: 'choice', choice: 'box', probabilities: { box: 0.98 }, confidence: 0.98 });
    const body = { ...good.reply.body, usage: { total_input_tokens: 'many' } };
    const document = await pipeline.settled(await pipeline.ask([{ reply: { status: 200, body } }]));
    expect(callsOf(document)).toEqual(['decision ok']);
    // What it took is not known: what was reserved for it counts.
    const [decision] = document['attempts'] as object[];
    expect(decision).toMatchObject({ tokens: null });
  });

  it('may call its fields and their values as what every object has', async () => {
    const document = await pipeline.settled(await pipeline.ask([{ json: {} }], { folder: 'named' }));
    expect(callsOf(document)).toEqual(['decision ok']);
    expect(document).toMatchObject({
      answer: {
        constructor: { legible: expect.any(Boolean) },
        valueOf: expect.stringMatching(/^(toString|box)$/),
      },
      model: { probabilities: { 'constructor.legible': expect.any(Number), valueOf: 0.97 } },
    });
  });

  it('costs nothing for the same picture again, and says the same of its fields', async () => {
    const options = { folder: 'cached', seed: 1 };
    const first = await pipeline.settled(await pipeline.ask([{ json: SURE }], options));
    const second = await pipeline.settled(await pipeline.ask([], options));
    expect(callsOf(second)).toEqual(['decision cache']);
    expect(nanosOf(second)).toBe(0);
    expect(second).toMatchObject({ answer: first['answer'], model: first['model'] });
  });

  it('leaves a preview alone that it may not ask, and goes on without it', async () => {
    const refused = await pipeline.settled(await pipeline.ask([{ fault: 'forbidden403' }]));
    expect(callsOf(refused)).toEqual(['decision MODEL_NOT_FOUND', 'written ok']);
    const next = await pipeline.settled(await pipeline.ask([{ json: SURE }]));
    expect(callsOf(next)).toEqual(['written ok']);
    expect(next).toMatchObject({ status: 'completed', answer: WRITTEN, model: { step: 1 } });
  });
});

function stepOf(resolution: string): string {
  return `{ model: ${DECISION}, mediaResolution: ${resolution} }`;
}

/** A reply in which the kind is answered so. */
function reply(kind: object) {
  const noul = (yes: number) => ({ type: 'noul', noul: yes, confidence: Math.max(yes, 1 - yes) });
  const answers = {
    damaged: noul(0.02),
    kind,
    'label.legible': { type: 'choice', choice: 'true', probabilities: { true: 0.9 }, confidence: 0.9 },
    'label.grade': { type: 'score', score: 2, probabilities: { 2: 1 }, legend: { 2: '3' }, confidence: 1 },
    ...{ 'marks: fragile': noul(0.98), 'marks: this-side-up': noul(0.01), 'marks: heavy': noul(0.03) },
  };
  return { reply: { status: 200, body: { answers, usage: { total_input_tokens: 300 } } } };
}
