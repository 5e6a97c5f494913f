import { type Decisions, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import { decisionStep } from '../../shared/profiles/decision-step.ts';
import { KEY, RawClient, startWithClock } from './gemini-client.ts';
import { plainPicture } from './label-pictures.ts';

const MODEL = 'models/gemini-decision-1';

let server: GeminiSimulator;
let client: RawClient;
let ai: GoogleGenAI;
let data: string;

beforeAll(async () => {
  ({ server } = await startWithClock());
  client = await RawClient.to(server);
  ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: server.url, apiVersion: 'v1beta' } });
  data = (await plainPicture('white', 800, 600)).toString('base64');
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const QUESTIONS = {
  damaged: {
    type: 'noul',
    instructions: 'Is it damaged?',
    criteria: { true_description: 'torn', false_description: 'whole' },
  },
  kind: { type: 'choice', instructions: 'What is it?', criteria: { box: 'has corners', bag: '' } },
  state: { type: 'score', instructions: 'How good is it?', criteria: ['bad', 'fair', 'good'] },
} satisfies Decisions.CreateDecisionRequest['questions'];

const SCRIPT = {
  damaged: 0.03,
  kind: { answer: 'bag', probability: 0.8 },
  state: { answer: '2', probability: 0.6 },
};

const image = () => ({ type: 'image' as const, data, mime_type: 'image/jpeg', resolution: 'high' as const });

describe("Google's own client", () => {
  it('is answered yes or no, a choice, and a score, as its types have them', async () => {
    server.behave({ script: [{ model: 'gemini-decision-1', json: SCRIPT }] });
    const reply = await ai.decisions.create({
      model: MODEL,
      input: [{ type: 'text', text: 'A parcel.' }, image()],
      questions: QUESTIONS,
    });
    expect(reply.answers).toEqual({
      damaged: { type: 'noul', noul: 0.03, confidence: 0.97 },
      kind: {
        type: 'choice',
        choice: 'bag',
        probabilities: { box: expect.closeTo(0.2), bag: 0.8 },
        confidence: 0.8,
      },
      state: {
        type: 'score',
        score: expect.closeTo(1.4),
        probabilities: { 0: 0.2, 1: 0.2, 2: 0.6 },
        legend: { 0: 'bad', 1: 'fair', 2: 'good' },
        confidence: 0.6,
      },
    });
    expect(reply.usage?.total_input_tokens).toBeGreaterThan(1_064);
    expect(reply.usage?.total_output_tokens).toBe(0);
  });

  it('is told of a blocked input, without answers', async () => {
    server.behave({ script: [{ fault: 'blockedPrompt' }] });
    const reply = await ai.decisions.create({ model: MODEL, input: image(), questions: QUESTIONS });
    expect(reply.answers).toBeUndefined();
    expect(reply.prompt_feedback?.block_reason).toBe('prohibited_content');
  });

  it('may ask about a text alone, with instructions in several pieces', async () => {
    const instructions = [
      { type: 'text' as const, text: 'Is it' },
      { type: 'text' as const, text: 'damaged?' },
    ];
    const reply = await ai.decisions.create({
      model: MODEL,
      input: 'The box is torn.',
      questions: { damaged: { type: 'noul', instructions } },
    });
    expect(reply.answers?.['damaged']?.type).toBe('noul');
  });
});

/** As the ladder asks: a prompt, the picture, the questions. */
const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gemini-decision-1',
  step: decisionStep('HIGH'),
  instructions: 'A parcel.',
  prompt: JSON.stringify({
    damaged: { type: 'noul', instructions: 'Is it damaged?', yes: 'torn', no: 'whole' },
    kind: { type: 'choice', instructions: 'What is it?', options: { box: 'has corners', bag: '' } },
    state: { type: 'score', instructions: 'How good is it?', levels: ['bad', 'fair', 'good'] },
  }),
  responseSchema: {},
  image: { mimeType: 'image/jpeg', base64: data },
  ...more,
});

describe('our client', () => {
  it('gets the same answers to the same questions, and pays for the same tokens', async () => {
    server.behave({ script: [{ json: SCRIPT, times: 2 }] });
    const theirs = await ai.decisions.create({
      model: MODEL,
      input: [{ type: 'text', text: 'A parcel.' }, image()],
      questions: QUESTIONS,
    });
    const ask = createDeveloperApi({ apiKey: KEY, baseUrl: server.url });
    const ours = await ask(request(), new AbortController().signal);
    if (ours.end.kind !== 'answer') throw new Error(`expected an answer, got ${ours.end.kind}`);
    expect(theirs.answers).toMatchObject(JSON.parse(ours.end.text));
    expect(ours.usage?.prompt).toBe(theirs.usage?.total_input_tokens);
  });

  it('sends reference pictures with their captions before the picture that is asked about', async () => {
    const ask = createDeveloperApi({ apiKey: KEY, baseUrl: server.url });
    const { signal } = new AbortController();
    const alone = await ask(request(), signal);
    const caption = 'A parcel that is whole.';
    const reference = { mimeType: 'image/jpeg', base64: data, sha256: 'a', width: 800, height: 600, caption };
    const explained = await ask(request({ references: [reference as never] }), signal);
    const more = (explained.usage?.prompt ?? 0) - (alone.usage?.prompt ?? 0);
    // A picture of 4:3 at HIGH, and a sentence.
    expect(more).toBeGreaterThan(1_064);
    expect(more).toBeLessThan(1_120);
  });
});

describe('the Decisions API on one machine', () => {
  const ask = (change: object) =>
    client.call('v1beta/decisions', { model: MODEL, input: 'A box.', questions: QUESTIONS, ...change });
  const choice = (criteria: object) => ({ kind: { type: 'choice', instructions: 'What?', criteria } });
  const many = (count: number, of: (i: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, of(i)]));
  const noul = { type: 'noul', instructions: 'Is it?' };

  it.each([
    ['another model', { model: 'models/gemini-3.5-flash-lite' }],
    ['an unknown field', { temperature: 1 }],
    ['an unknown field of a question', { questions: { a: { ...noul, weight: 2 } } }],
    ['no question', { questions: {} }],
    ['more than 1,000 questions', { questions: many(1_001, () => noul) }],
    ['a choice with one option', { questions: choice({ box: '' }) }],
    ['a choice with 256 options', { questions: choice(many(256, () => '')) }],
    ['an option without a name', { questions: choice({ '': '', bag: '' }) }],
    ['an option with white space around it', { questions: choice({ ' box': '', bag: '' }) }],
    [
      'a score with an empty level',
      { questions: { a: { type: 'score', instructions: 'How?', criteria: ['', 'b'] } } },
    ],
    ['a question without instructions', { questions: { a: { type: 'noul', instructions: '' } } }],
    [
      'a picture as an instruction',
      { questions: { a: { type: 'noul', instructions: [{ type: 'image' }] } } },
    ],
    ['a picture without its bytes', { input: { type: 'image', mime_type: 'image/jpeg' } }],
    ['more than 262,144 tokens', { input: 'word '.repeat(300_000) }],
  ])('refuses %s', async (_, change) => {
    expect((await ask(change)).status).toBe(400);
    expect(server.bill().byTier).toEqual({});
  });

  it('takes 255 options and 1,000 questions', async () => {
    expect((await ask({ questions: choice(many(255, () => '')) })).status).toBe(200);
    expect((await ask({ questions: many(1_000, () => noul) })).status).toBe(200);
  });

  it('is of v1beta and of the Gemini API alone', async () => {
    const body = { model: MODEL, input: 'A box.', questions: QUESTIONS };
    expect((await client.call('v1/decisions', body)).status).toBe(404);
  });

  it('answers the same about the same picture every time', async () => {
    const about = async () => (await ask({ input: image() })).body.answers;
    expect(await about()).toEqual(await about());
  });

  it('takes a step of a script that is for another resolution as not for it', async () => {
    const step = (mediaResolution: 'MEDIUM' | 'HIGH', damaged: number) => ({
      mediaResolution,
      json: { damaged },
    });
    server.behave({ script: [step('MEDIUM', 0.2), step('HIGH', 0.1)] });
    const about = async (resolution: string) =>
      (await ask({ input: { ...image(), resolution } })).body.answers.damaged.noul;
    expect(await about('high')).toBe(0.1);
    expect(await about('medium')).toBe(0.2);
  });

  it('counts its calls against a quota', async () => {
    server.behave({ quotas: { perMinute: 1 } });
    expect((await ask({})).status).toBe(200);
    expect((await ask({})).status).toBe(429);
  });
});
