import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, MODEL, OTHER_MODEL, type Stage, startStage } from './instances.ts';

let stage: Stage;
let firestore: Firestore;
beforeEach(async () => {
  stage = await startStage();
  process.env['FIRESTORE_EMULATOR_HOST'] = stage.firestore.host;
  firestore = new Firestore({ projectId: 'guard' });
});
afterEach(async () => {
  await firestore.terminate();
  await stage.close();
});

const stored = async (id: string) => (await firestore.doc(`control/${id}`).get()).data();
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const pacificTime = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

describe('a quota that is used up for the minute', () => {
  it('seen by one instance stops the other, until the told time', async () => {
    const [one, other] = [stage.instance(), stage.instance()];
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 600 }] });
    await failureOf(one.ask());
    const failure = await failureOf(other.ask());
    expect(failure).toMatchObject({ code: 'MODEL_QUOTA_MINUTE', disposition: { redeliver: true } });
    expect(stage.calls()).toBe(1);
    const document = await stored(`model-${MODEL}`);
    expect(document).toMatchObject({
      code: 'MODEL_QUOTA_MINUTE',
      pausedUntil: Timestamp.fromMillis(failure.facts.until ?? 0),
    });
  });

  it('is waited for in place by the other when it is over soon', async () => {
    const [one, other] = [stage.instance({ maxAttempts: 1 }), stage.instance()];
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 2 }] });
    await failureOf(one.ask());
    const startedAt = Date.now();
    expect((await other.ask()).end.kind).toBe('answer');
    expect(Date.now() - startedAt).toBeGreaterThan(600);
    expect(stage.calls()).toBe(2);
  });

  it('stops the calls that queue behind the one that met it', async () => {
    const { ask } = stage.instance({ maxConcurrency: 1 });
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 600 }] });
    const failures = await Promise.all([1, 2, 3, 4].map(() => failureOf(ask())));
    expect(failures.map(({ code }) => code)).toEqual(failures.map(() => 'MODEL_QUOTA_MINUTE'));
    expect(stage.calls()).toBe(1);
  });

  it('pauses that model alone', async () => {
    const { ask } = stage.instance();
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 600 }] });
    await failureOf(ask());
    expect((await ask({ model: OTHER_MODEL })).end.kind).toBe('answer');
  });

  it('of a shared pool, which names no time, pauses nobody', async () => {
    stage.model.behave({ script: [{ fault: 'pool429' }] });
    expect((await stage.instance().ask()).end.kind).toBe('answer');
    expect(await stored(`model-${MODEL}`)).toBeUndefined();
  });
});

describe('a quota that is used up for the day', () => {
  it('parks until midnight in Los Angeles, whatever the answer tells to wait, and calls no more', async () => {
    const [one, other] = [stage.instance(), stage.instance()];
    stage.model.behave({ quotas: { perDay: 0 } });
    for (const { ask } of [one, one, other, other]) {
      const failure = await failureOf(ask());
      expect(failure).toMatchObject({
        code: 'MODEL_QUOTA_DAY',
        disposition: { park: true, redeliver: false },
      });
      expect(pacificTime.format(failure.facts.until)).toBe('00:00:00');
    }
    expect(stage.calls()).toBe(1);
  });

  it('is not cut short by a shorter pause that comes later', async () => {
    const [one, other] = [stage.instance(), stage.instance()];
    stage.model.behave({ script: [{ fault: 'quotaDay429' }, { fault: 'quota429', retryDelaySeconds: 600 }] });
    await Promise.all([failureOf(one.ask()), failureOf(other.ask())]);
    expect(await stored(`model-${MODEL}`)).toMatchObject({ code: 'MODEL_QUOTA_DAY' });
  });
});

describe('a spend limit of ten minutes', () => {
  it('parks until the told time', async () => {
    const { ask } = stage.instance();
    stage.model.behave({ script: [{ fault: 'spend429', retryDelaySeconds: 240 }] });
    const now = Date.now();
    for (const _ of [1, 2]) {
      const failure = await failureOf(ask());
      expect(failure).toMatchObject({ code: 'MODEL_QUOTA_SPEND', disposition: { park: true } });
      expect(((failure.facts.until ?? 0) - now) / 1_000).toBeCloseTo(240, -1.5);
    }
    expect(stage.calls()).toBe(1);
  });

  it('that is told to be over soon is waited for', async () => {
    stage.model.behave({ script: [{ fault: 'spend429', retryDelaySeconds: 0.3 }] });
    expect((await stage.instance().ask()).end.kind).toBe('answer');
  });
});

describe.each([
  ['used-up credit', 'credit402', 'MODEL_CREDIT'],
  ['a refused key', 'forbidden403', 'MODEL_CREDENTIALS'],
] as const)('%s', (_, fault, code) => {
  it('pauses the whole pipeline for a named time, with the reason', async () => {
    const [one, other] = [stage.instance(), stage.instance()];
    stage.model.behave({ errorRates: { [fault]: 1 } });
    const failure = await failureOf(one.ask());
    expect(failure).toMatchObject({ code, disposition: { park: true } });
    expect((failure.facts.until ?? 0) - Date.now()).toBeGreaterThan(55_000);
    expect(await failureOf(other.ask({ model: OTHER_MODEL }))).toMatchObject({
      code: 'PIPELINE_PAUSED',
      message: expect.stringContaining(MODEL),
      facts: { until: failure.facts.until },
      disposition: { park: true },
    });
    expect(stage.calls()).toBe(1);
  });

  it('is tried again when that time is over', async () => {
    const { ask } = stage.instance({ repairMs: 400 });
    stage.model.behave({ script: [{ fault }] });
    await failureOf(ask());
    await sleep(450);
    expect((await ask()).end.kind).toBe('answer');
  });
});

describe('a pipeline that a person pauses', () => {
  it('calls no model and names no time, and goes on when it is lifted', async () => {
    const { ask, control } = stage.instance();
    await firestore.doc('control/pipeline').set({ paused: true, reason: 'stock-taking' });
    expect(await failureOf(ask())).toMatchObject({
      code: 'PIPELINE_PAUSED',
      message: 'The pipeline is paused: stock-taking',
      facts: {},
    });
    await control.set('pipeline', undefined);
    expect((await ask()).end.kind).toBe('answer');
    expect(stage.calls()).toBe(1);
  });

  it('is noticed by an instance at work within moments', async () => {
    const { ask } = stage.instance({ cacheMs: 100 });
    await ask();
    await firestore.doc('control/pipeline').set({ paused: true, reason: 'stock-taking' });
    await vi.waitFor(async () => expect((await failureOf(ask())).code).toBe('PIPELINE_PAUSED'), 60_000);
  });

  it('stays paused when a refused key would pause it for a shorter time', async () => {
    const { ask } = stage.instance({ cacheMs: 10_000 });
    await ask();
    await firestore.doc('control/pipeline').set({ paused: true, reason: 'stock-taking' });
    stage.model.behave({ script: [{ fault: 'forbidden403' }] });
    await failureOf(ask());
    expect(await stored('pipeline')).toEqual({ paused: true, reason: 'stock-taking' });
  });
});

describe('the control documents', () => {
  it('of a model may be written by a person too, and park its images until then', async () => {
    const until = Date.now() + 600_000;
    const [one, other] = [stage.instance(), stage.instance()];
    await one.control.set({ model: MODEL }, { until, code: 'PIPELINE_PAUSED', reason: 'too dear today' });
    for (const { ask } of [one, other]) {
      expect(await failureOf(ask())).toMatchObject({
        message: expect.stringContaining('too dear today'),
        facts: { until },
        disposition: { park: true },
      });
    }
    expect((await other.ask({ model: OTHER_MODEL })).end.kind).toBe('answer');
  });

  it('with something else in them stop nothing', async () => {
    await firestore.doc('control/pipeline').set({ paused: 'perhaps', until: 'tomorrow' });
    expect((await stage.instance().ask()).end.kind).toBe('answer');
  });

  it('are read once in a while, not with every call', async () => {
    const { ask } = stage.instance({ cacheMs: 60_000 });
    for (let i = 0; i < 20; i += 1) await ask();
    expect(stage.firestore.operations().reads).toBeLessThanOrEqual(2);
  });

  it('are written once for a storm of refusals', async () => {
    const { ask } = stage.instance();
    stage.model.behave({ errorRates: { quota429: 1 }, retryDelaySeconds: 600 });
    await Promise.all(Array.from({ length: 16 }, () => failureOf(ask())));
    expect(stage.firestore.operations().writes).toBe(1);
  });

  it('stop nothing while Firestore does not answer', async () => {
    const { ask } = stage.instance();
    stage.firestore.setFault('unavailable');
    expect((await ask()).end.kind).toBe('answer');
    stage.firestore.setFault('none');
  });
});
