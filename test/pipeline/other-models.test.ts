import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import type { Behavior } from '../../local/gemini/behavior.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { loadConfig } from '../../shared/base/config.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { ModelGate } from '../../shared/model/gate/call-path.ts';
import { gateOptions, gateVariables } from '../../shared/model/gate/options.ts';
import { createRouter } from '../../shared/model/gate/routing.ts';
import type { LadderStep, Profile } from '../../shared/profiles/define.ts';
import { resultId } from '../../shared/results/id.ts';
import { Control } from '../../shared/results/pauses.ts';
import { error, quota } from '../gemini/google-errors.ts';
import { preparePicture, startAnalysis } from '../support/analysis.ts';
import { builtIn } from '../support/built-in.ts';
import { DESCRIPTION } from '../support/pipeline.ts';

const described = builtIn('describe');

const LEASE_MS = 5_000;
const FIRST = 'gemini-3.5-flash-lite';
const NEXT = 'gemini-3.8-flash';

const step = (...models: [string, ...string[]]): LadderStep => ({
  ...{ models, mediaResolution: 'MEDIUM', thinkingLevel: 'low', maxOutputTokens: 500 },
});
/** The first model is asked twice before another one. */
const ladder: Profile['ladder'] = [step(FIRST), step(FIRST), step(NEXT)];

let firestore: FirestoreServer;
let model: GeminiSimulator;
let documents: Documents;
let control: Control;
let nextName = 0;
beforeEach(async () => {
  firestore = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
  model = await startGeminiSimulator();
  documents = new Documents({ projectId: 'local' });
  control = new Control(documents, { cacheMs: 0, log: silentLog });
});
afterEach(async () => {
  await documents.close();
  await Promise.all([firestore.close(), model.close()]);
  vi.unstubAllEnvs();
});

type Script = Behavior['script'];

const answers = (json: object, ...models: string[]): Script =>
  models.map((name) => ({ model: name, json: json as typeof DESCRIPTION, times: 1_000 }));
const replies = (name: string, status: number, body: object): Script => [
  { model: name, reply: { status, body: body as never }, times: 1_000 },
];
const ends = (finishReason: string) => ({ candidates: [{ content: { parts: [] }, finishReason }] });

/** The document of a new picture, with the real gate and router between the ladder and the calls. */
async function analyzed(script: Script, profile: Partial<Profile> = {}): Promise<Record<string, unknown>> {
  model.behave({ script });
  nextName += 1;
  const name = `${nextName}.jpg`;
  const options = gateOptions(loadConfig(gateVariables, {}, []));
  const { analyze } = await startAnalysis({
    ...{ documents, model, owner: `owner-${nextName}`, leaseMs: LEASE_MS },
    profile: { ...described, ladder, ...profile },
    around: (call) => createRouter(new ModelGate(call, control, silentLog, options), { explorationShare: 0 }),
  });
  await preparePicture(documents, name, LEASE_MS);
  await analyze(name).catch(() => undefined);
  return (await documents.get(`results/${resultId({ bucket: 'uploads', name })}`))?.data ?? {};
}

const asked = () => model.calls().map((call) => call.model);
const dayQuota = error(429, 'Quota', [quota('GenerateRequestsPerDayPerProjectPerModel')]);

describe('a used-up quota of the day', () => {
  it('is that of one model: the next one of the ladder answers, and the first is not asked again', async () => {
    const script = [...replies(FIRST, 429, dayQuota), ...answers(DESCRIPTION, NEXT)];
    expect(await analyzed(script)).toMatchObject({
      status: 'completed',
      model: { requested: NEXT, step: 2 },
    });
    expect(await analyzed(script)).toMatchObject({ status: 'completed', model: { requested: NEXT } });
    expect(asked()).toEqual([FIRST, NEXT, NEXT]);
  });

  it('goes to the alternative of the step before the next step', async () => {
    const both: Profile['ladder'] = [step(FIRST, NEXT), step(NEXT)];
    const script = [...replies(FIRST, 429, dayQuota), ...answers(DESCRIPTION, NEXT)];
    expect(await analyzed(script, { ladder: both })).toMatchObject({
      status: 'completed',
      model: { requested: NEXT, step: 0 },
    });
  });

  it('parks the picture when no model is left', async () => {
    const script = [...replies(FIRST, 429, dayQuota), ...replies(NEXT, 429, dayQuota)];
    expect(await analyzed(script)).toMatchObject({ status: 'parked', failure: { code: 'MODEL_QUOTA_DAY' } });
    expect(asked()).toEqual([FIRST, NEXT]);
  });

  it('parks the picture at once where the profile would rather wait than pay more', async () => {
    const script = [...replies(FIRST, 429, dayQuota), ...answers(DESCRIPTION, NEXT)];
    expect(await analyzed(script, { whenQuotaIsSpent: 'wait' })).toMatchObject({
      status: 'parked',
      failure: { code: 'MODEL_QUOTA_DAY' },
    });
    expect(asked()).toEqual([FIRST]);
  });
});

describe('a model that is gone', () => {
  const gone = error(404, `models/${FIRST} is not found`);

  it('leaves the picture to the next model, and is not asked about the next pictures for a while', async () => {
    const script = [...replies(FIRST, 404, gone), ...answers(DESCRIPTION, NEXT)];
    expect(await analyzed(script)).toMatchObject({ status: 'completed', model: { requested: NEXT } });
    expect(await analyzed(script)).toMatchObject({ status: 'completed', model: { requested: NEXT } });
    expect(asked()).toEqual([FIRST, NEXT, NEXT]);
    expect(await control.pauseOf({ model: FIRST })).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('sets the pictures aside where it is the only one, and one of them is asked about', async () => {
    const only = { ladder: [step(FIRST)] as const };
    const script = replies(FIRST, 404, gone);
    for (const _ of [1, 2]) {
      expect(await analyzed(script, only)).toMatchObject({
        status: 'parked',
        failure: { code: 'MODEL_NOT_FOUND', hint: expect.stringContaining('pipeline resume') },
      });
    }
    expect(asked()).toEqual([FIRST]);
  });
});

describe('an end that another model may not have', () => {
  it.each([
    ['RECITATION', 'MODEL_RECITATION', 'published'],
    ['LANGUAGE', 'MODEL_DECLINED', 'not one of safety'],
  ])('(%s) goes to the next model, and says why where there is none', async (reason, code, hint) => {
    const first = replies(FIRST, 200, ends(reason));
    expect(await analyzed([...first, ...answers(DESCRIPTION, NEXT)])).toMatchObject({
      status: 'completed',
      model: { requested: NEXT },
    });
    expect(asked()).toEqual([FIRST, NEXT]);
    expect(await analyzed([...first, ...replies(NEXT, 200, ends(reason))])).toMatchObject({
      status: 'refused',
      failure: { code, hint: expect.stringContaining(hint) },
    });
  });

  it('goes to the alternative of the same step', async () => {
    const script = [...replies(FIRST, 200, ends('RECITATION')), ...answers(DESCRIPTION, NEXT)];
    expect(await analyzed(script, { ladder: [step(FIRST, NEXT)] })).toMatchObject({
      status: 'completed',
      model: { requested: NEXT, step: 0 },
    });
  });

  it('is no block of safety, which no other model is asked about', async () => {
    expect(await analyzed(replies(FIRST, 200, ends('SAFETY')))).toMatchObject({
      status: 'refused',
      failure: { code: 'MODEL_BLOCKED' },
    });
    expect(asked()).toEqual([FIRST]);
  });
});

describe('a model that a person has paused', () => {
  it('is left out while the others of the ladder answer', async () => {
    await control.set(
      { model: FIRST },
      { until: Number.POSITIVE_INFINITY, code: 'MODEL_PAUSED_BY_HAND', reason: 'too dear' },
    );
    expect(await analyzed(answers(DESCRIPTION, NEXT))).toMatchObject({
      status: 'completed',
      model: { requested: NEXT },
    });
    expect(asked()).toEqual([NEXT]);
  });
});
