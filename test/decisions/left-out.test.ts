import { describe, expect, it } from 'vitest';
import { leavingOut } from '../../functions/analyze-image/ask-first.ts';
import { climb } from '../../shared/model/ladder.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { afterRecorded, readRecorded, writeRecorded } from '../../shared/model/recorded-calls.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { DECISION, PARCEL, WRITTEN } from './deciding.ts';

const read = readProfileText('parcel', PARCEL);
if ('problems' in read) throw new Error('problems');
const { profile } = read;

const reply = (modelVersion: string, answer: object) => ({
  ...{ end: { kind: 'answer' as const, text: JSON.stringify(answer) }, modelVersion, usage: null },
});

/** Goes on with a picture for which this was answered before its batch gave it up. */
async function goOn(decides: boolean, replies: string) {
  const asked: string[] = [];
  const outcomes: string[] = [];
  const call: AskModel = async (request) => {
    asked.push(request.model);
    return reply(request.model, WRITTEN);
  };
  const climbed = await climb(
    {
      ...{ profile, prompt: composePrompt(profile), call: afterRecorded(readRecorded(replies), call) },
      image: { mimeType: 'image/jpeg', base64: '' },
      charges: {
        at: () => ({ begin: () => Promise.reject(new Error('nobody is charged')) }),
        judged: (outcome) => void outcomes.push(outcome),
      },
      passesOver: leavingOut(decides, replies, profile, { attempts: [] } as unknown as ResultDocument),
    },
    new AbortController().signal,
  );
  return { asked, outcomes, climbed };
}

const unsure = {
  damaged: { type: 'noul', noul: 0.5 },
  kind: { type: 'choice', choice: 'box', probabilities: { box: 0.9 } },
  'label.legible': { type: 'choice', choice: 'true', probabilities: { true: 0.9 } },
  'label.grade': { type: 'score', probabilities: { 2: 0.9 } },
  ...Object.fromEntries(
    ['fragile', 'this-side-up', 'heavy'].map((mark) => [`marks: ${mark}`, { type: 'noul', noul: 0.1 }]),
  ),
};
const decision = { ...reply(DECISION, unsure), step: 0 };
const [, first] = profile.ladder.map(({ models }) => models[0]);

describe('a picture that was decided before it waited for a batch', () => {
  it('is asked about as if nobody had decided, once the key of the decision model is gone', async () => {
    const { asked, outcomes, climbed } = await goOn(false, writeRecorded([decision]));
    expect([asked, outcomes]).toEqual([[first], ['ok']]);
    expect(climbed).toMatchObject({ answer: WRITTEN, model: { requested: first, step: 1 } });
  });

  it('keeps what batches wrote of it then', async () => {
    const written = reply(`${first}-001`, WRITTEN);
    const { asked, outcomes, climbed } = await goOn(false, writeRecorded([decision, written]));
    expect([asked, outcomes]).toEqual([[], ['ok']]);
    expect(climbed).toMatchObject({ answer: WRITTEN, served: 'batch', model: { step: 1 } });
  });

  it('is not decided again while there is a key', async () => {
    const { asked, outcomes } = await goOn(true, writeRecorded([decision]));
    expect([asked, outcomes]).toEqual([[first], ['low-confidence', 'ok']]);
  });
});
