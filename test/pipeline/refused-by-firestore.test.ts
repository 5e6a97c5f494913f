import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { resultId } from '../../shared/results/id.ts';
import { preparePicture, spentToday, startAnalysis } from '../support/analysis.ts';
import { builtIn } from '../support/built-in.ts';

const described = builtIn('describe');

const LEASE_MS = 5_000;

/** What a schema may let through: whether it should have is for the profile to know, and here it does not. */
const anything: Profile = { ...described, schema: z.looseObject({ confidence: z.number() }), checks: [] };

const USAGE = { promptTokenCount: 1_200, candidatesTokenCount: 60 };
/** 1,200 tokens at $0.30 and 60 at $2.50 per million. */
const PAID_NANOS = 510_000;

let firestore: FirestoreServer;
let model: GeminiSimulator;
let documents: Documents;
beforeEach(async () => {
  firestore = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
  model = await startGeminiSimulator();
  documents = new Documents({ projectId: 'local' });
});
afterEach(async () => {
  await documents.close();
  await Promise.all([firestore.close(), model.close()]);
  vi.unstubAllEnvs();
});

/** The document of a picture that the model answers with this text, whatever is asked. */
async function answered(text: string): Promise<Record<string, unknown>> {
  // As a reply of its own: the simulator would cut a long text off at the step's limit.
  const candidates = [{ content: { parts: [{ text }] }, finishReason: 'STOP' }];
  const body = { candidates, usageMetadata: USAGE };
  model.behave({ script: [{ reply: { status: 200, body }, times: 1_000 }] });
  const { analyze } = await startAnalysis({
    ...{ documents, model, owner: 'one', leaseMs: LEASE_MS, profile: anything },
  });
  await preparePicture(documents, 'a.jpg', LEASE_MS);
  await analyze('a.jpg');
  // Delivered again, as any event may be.
  await analyze('a.jpg');
  return (await documents.get(`results/${resultId({ bucket: 'uploads', name: 'a.jpg' })}`))?.data ?? {};
}

const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });

describe('an answer that Firestore can never hold', () => {
  it.each([
    ['a list in a list', { rows: [['a', 'b'], ['c']] }],
    ['a reserved name', { __x__: 'a' }],
    ['an empty name', { '': 'a' }],
    ['deeper than 20 levels', { a: deep(20) }],
  ])(
    '(%s) is paid for once: the image ends at once with Firestore’s sentence, and keeps the answer as text',
    async (_what, odd) => {
      const answer = { ...odd, confidence: 0.95 };
      const document = await answered(JSON.stringify(answer));
      expect(document).toMatchObject({
        status: 'failed',
        failure: { code: 'STORE_REFUSED', message: expect.stringMatching(/^Firestore refuses .{20}/) },
        attempts: [{ outcome: 'ok' }],
      });
      expect(JSON.parse(String(document['answerText']))).toEqual(answer);
      expect(document).not.toHaveProperty('answer');
      expect(model.calls()).toHaveLength(1);
      expect(await spentToday(documents)).toEqual({ images: 1, calls: 1, nanos: PAID_NANOS });
    },
  );

  it('because it is larger than a document is paid for and booked once, and left out', async () => {
    const document = await answered(JSON.stringify({ text: 'x'.repeat(1_200_000), confidence: 0.9 }));
    expect(document).toMatchObject({
      status: 'failed',
      failure: { code: 'STORE_REFUSED', hint: expect.stringContaining('1 MiB') },
      attempts: [{ outcome: 'ok' }],
    });
    expect(document).not.toHaveProperty('answerText');
    expect(model.calls()).toHaveLength(1);
    expect(await spentToday(documents)).toMatchObject({ calls: 1, nanos: PAID_NANOS });
  });
});

describe('half a surrogate pair in an answer', () => {
  it('is stored as U+FFFD, in texts and in names, and the image is answered', async () => {
    const document = await answered(
      '{"text":"bad \\ud83d end","a\\udc00":["\\ud83d\\ude00"],"confidence":0.9}',
    );
    expect(document).toMatchObject({
      status: 'completed',
      answer: { text: 'bad \ufffd end', 'a\ufffd': ['\u{1F600}'] },
    });
    expect(model.calls()).toHaveLength(1);
  });
});
