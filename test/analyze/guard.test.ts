import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { endAt } from '../../shared/base/resilience/deadline.ts';
import { failureOf, MODEL, type Stage, startStage } from './instances.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage.close());

const times = <T>(count: number, work: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => work(i));

/** Milliseconds between the first call and the others, as the model saw them. */
const callTimes = (): number[] => {
  const at = stage.model.calls().map((call) => call.at);
  return at.map((one) => one - (at[0] ?? 0));
};

describe('the guard', () => {
  it('waits as long as the quota answer asks, not as long as its own backoff', async () => {
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 0.6 }] });
    const reply = await stage.instance().ask();
    expect(reply.end.kind).toBe('answer');
    const [, second = 0] = callTimes();
    expect(second).toBeGreaterThanOrEqual(600);
  });

  it('does not begin a wait that would pass the deadline', async () => {
    stage.model.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 600 }] });
    const startedAt = Date.now();
    const failure = await failureOf(stage.instance().ask());
    expect(failure).toMatchObject({ code: 'MODEL_QUOTA_MINUTE', disposition: { redeliver: true } });
    expect(Date.now() - startedAt).toBeLessThan(25_000);
  });

  it('calls again after an overload, a cut connection and an attempt without an answer', async () => {
    stage.model.behave({ script: [{ fault: 'server503' }, { fault: 'reset' }, { fault: 'hang' }] });
    const reply = await stage.instance({ maxAttempts: 4, attemptMs: 2_000 }).ask();
    expect([reply.end.kind, stage.calls()]).toEqual(['answer', 4]);
  });

  it('makes no more calls than it may, and throws the last failure', async () => {
    stage.model.behave({ script: [{ fault: 'server503', times: 10 }] });
    expect(await failureOf(stage.instance().ask())).toMatchObject({ code: 'MODEL_OVERLOADED' });
    expect(stage.calls()).toBe(3);
  });

  it('never calls again what was rejected', async () => {
    stage.model.behave({ script: [{ fault: 'invalid400', times: 10 }] });
    expect(await failureOf(stage.instance().ask())).toMatchObject({ code: 'MODEL_REJECTED_REQUEST' });
    expect(stage.calls()).toBe(1);
  });

  it('multiplies a storm by little more than 1.2', async () => {
    stage.model.behave({ errorRates: { server500: 1 } });
    const { ask } = stage.instance({ maxAttempts: 5, restMs: 1, maxRestMs: 1 });
    const startedAt = Date.now();
    for (let i = 0; i < 200; i += 1) await failureOf(ask());
    const seconds = (Date.now() - startedAt) / 1_000;
    expect(stage.calls()).toBeLessThan(200 * 1.3 + 30 + seconds);
  });

  it('gives all questions of one picture one deadline together, and begins no call that it would cut off', async () => {
    const { guard, ask } = stage.instance({ overallMs: 4_200, attemptMs: 4_200 });
    await ask();
    stage.model.behave({ latencyMs: 1_700 });
    const { signal } = new AbortController();
    await guard.ask(stage.request, signal);
    await guard.ask(stage.request, signal);
    const calls = stage.calls();
    expect(await failureOf(guard.ask(stage.request, signal))).toMatchObject({
      code: 'TIME_LIMIT',
      disposition: { redeliver: true },
    });
    expect(stage.calls()).toBe(calls);
    stage.model.behave({ latencyMs: 0 });
    expect((await guard.ask(stage.request, new AbortController().signal)).end.kind).toBe('answer');
  });

  it('begins no call that the end of the function would cut off', async () => {
    const { guard, ask } = stage.instance();
    await ask();
    const controller = new AbortController();
    endAt(controller.signal, Date.now() + 200);
    const failure = await failureOf(guard.ask(stage.request, controller.signal));
    expect(failure).toMatchObject({
      code: 'TIME_LIMIT',
      message: expect.stringContaining('too little time'),
    });
    expect(stage.calls()).toBe(1);
  });

  it("does not take time in which money is waited for as the model's, nor blames the model", async () => {
    const { guard, ask } = stage.instance({
      attemptMs: 1_200,
      overallMs: 3_000,
      restMs: 60_000,
      maxRestMs: 60_000,
    });
    await ask();
    const begin = () => new Promise<never>(() => undefined);
    const hanging = times(8, () =>
      failureOf(guard.ask({ ...stage.request, charges: { begin } }, new AbortController().signal)),
    );
    for (const failure of await Promise.all(hanging)) expect(failure.code).toBe('TIME_LIMIT');
    expect(await guard.blockedUntil(MODEL)).toBe(0);
    const ended: unknown[] = [];
    const open = { answered: () => ended.push('answered'), failed: (error: unknown) => ended.push(error) };
    const late = () => new Promise<typeof open>((resolve) => setTimeout(resolve, 1_500, open));
    await guard.ask({ ...stage.request, charges: { begin: late } }, new AbortController().signal);
    expect(ended).toEqual(['answered']);
  });

  it('ends at once when its caller gives up, in the queue too', async () => {
    const { guard, ask } = stage.instance({ maxConcurrency: 1, attemptMs: 60_000, overallMs: 90_000 });
    await ask();
    stage.model.behave({ latencyMs: 50_000 });
    const controller = new AbortController();
    const answers = times(3, () => failureOf(guard.ask(stage.request, controller.signal)));
    setTimeout(() => controller.abort(new Error('the picture was replaced')), 100);
    const startedAt = Date.now();
    for (const answer of answers) expect(await answer).toMatchObject({ message: 'the picture was replaced' });
    expect(Date.now() - startedAt).toBeLessThan(40_000);
    expect(stage.calls()).toBeLessThanOrEqual(2);
  });
});

describe('the limiter of a model', () => {
  it('never has more calls under way than it may', async () => {
    stage.model.behave({ latencyMs: 100 });
    const { ask } = stage.instance({ maxConcurrency: 3 });
    await Promise.all(times(9, () => ask()));
    const calls = stage.model.calls().map(({ at, durationMs }) => ({ from: at, to: at + durationMs - 10 }));
    for (const { from } of calls) {
      expect(calls.filter((call) => call.from <= from && call.to > from).length).toBeLessThanOrEqual(3);
    }
  });

  it('refuses the one too many at once, to be delivered again', async () => {
    const { ask } = stage.instance({ maxConcurrency: 1, maxQueue: 2 });
    await ask();
    stage.model.behave({ latencyMs: 900 });
    let answered = 0;
    const answers = times(3, () => ask().then(() => (answered += 1)));
    const failure = await failureOf(ask());
    expect(answered).toBe(0);
    expect(failure).toMatchObject({ code: 'MODEL_BUSY', disposition: { redeliver: true, park: false } });
    await Promise.all(answers);
    expect(stage.calls()).toBe(4);
  });

  it('keeps to its share of the quota and refuses whose turn would come after the deadline', async () => {
    const { ask } = stage.instance({ requestsPerMinute: 2 });
    await Promise.all([ask(), ask()]);
    const failure = await failureOf(ask());
    expect(failure.code).toBe('MODEL_BUSY');
    expect((failure.facts.until ?? 0) - Date.now()).toBeGreaterThan(55_000);
    expect(stage.calls()).toBe(2);
  });

  it('counts the tokens that were billed, not those that were estimated', async () => {
    const { ask } = stage.instance({ tokensPerMinute: 1_000 });
    const billed = (await ask()).usage?.prompt ?? 0;
    expect(billed).toBeGreaterThan(200);
    const fits = Math.floor(1_000 / billed);
    for (let i = 1; i < fits; i += 1) await ask();
    expect((await failureOf(ask())).code).toBe('MODEL_BUSY');
  });
});

describe('the breaker of a model', () => {
  const outage = async (ask: () => Promise<unknown>) => {
    stage.model.behave({ outageUntil: Date.now() + 3_600_000 });
    for (let i = 0; i < 8; i += 1) await failureOf(ask());
  };

  it('opens after failures of the vendor and then fails at once, saying until when', async () => {
    const { ask } = stage.instance({ maxAttempts: 1, restMs: 60_000, maxRestMs: 60_000 });
    await outage(ask);
    const before = stage.calls();
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ code: 'MODEL_PAUSED', disposition: { redeliver: true, nextStep: true } });
    expect((failure.facts.until ?? 0) - Date.now()).toBeGreaterThan(50_000);
    expect(stage.calls()).toBe(before);
  });

  it('lets one probe through after its rest, and everyone after the probe succeeded', async () => {
    const { ask } = stage.instance({ maxAttempts: 1 });
    await outage(ask);
    stage.model.behave({ outageUntil: 0, latencyMs: 800 });
    const before = stage.calls();
    await new Promise((resolve) => setTimeout(resolve, 320));
    const answers = times(5, () => ask());
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stage.calls() - before).toBeLessThanOrEqual(1);
    await Promise.all(answers);
    expect(stage.calls() - before).toBe(5);
  });

  it('lets nobody begin late who waited for its probe', async () => {
    const { guard, ask } = stage.instance({ maxAttempts: 1, cacheMs: 60_000, overallMs: 1_000 });
    await outage(ask);
    stage.model.behave({ outageUntil: 0, latencyMs: 850 });
    const before = stage.calls();
    await new Promise((resolve) => setTimeout(resolve, 320));
    const [first, second] = await Promise.allSettled(
      times(2, () => guard.ask(stage.request, new AbortController().signal)),
    );
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'TIME_LIMIT' } });
    expect(stage.calls() - before).toBe(1);
  });

  it('stays open after a probe for which there was no money', async () => {
    const { guard, ask } = stage.instance({ maxAttempts: 1, cacheMs: 60_000 });
    await outage(ask);
    await new Promise((resolve) => setTimeout(resolve, 320));
    const begin = () => Promise.reject(new PipelineError('BUDGET_EXHAUSTED', 'The budget is used up.'));
    const probe = guard.ask({ ...stage.request, charges: { begin } }, new AbortController().signal);
    expect((await failureOf(probe)).code).toBe('BUDGET_EXHAUSTED');
    expect(await guard.blockedUntil(MODEL)).toBeGreaterThan(Date.now());
  });

  it('is waited for in place when its rest is short', async () => {
    const { ask } = stage.instance({ maxAttempts: 1 });
    await outage(ask);
    stage.model.behave({ outageUntil: 0 });
    expect((await ask()).end.kind).toBe('answer');
  });

  it('counts no 400', async () => {
    stage.model.behave({ script: [{ fault: 'invalid400', times: 30 }] });
    const { ask } = stage.instance({ maxAttempts: 1 });
    for (let i = 0; i < 30; i += 1) expect((await failureOf(ask())).code).toBe('MODEL_REJECTED_REQUEST');
    expect((await ask()).end.kind).toBe('answer');
  });

  it('is of one model: another one answers meanwhile', async () => {
    const { ask } = stage.instance({ maxAttempts: 1, restMs: 60_000, maxRestMs: 60_000 });
    await outage(ask);
    stage.model.behave({ outageUntil: 0 });
    expect((await failureOf(ask())).code).toBe('MODEL_PAUSED');
    expect((await ask({ model: 'gemini-3.1-flash-lite' })).end.kind).toBe('answer');
  });
});
