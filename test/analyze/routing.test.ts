import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { createRouter, toTry } from '../../shared/model/gate/routing.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { failureOf, type Instance, MODEL, OTHER_MODEL, type Stage, startStage } from './instances.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

const routed = (instance: Pick<Instance, 'guard'>, explorationShare = 0) => {
  const route: AskModel = createRouter(instance.guard, { explorationShare, random: seededRandom(5) });
  const ask = () =>
    route({ ...stage.request, model: MODEL, alternatives: [OTHER_MODEL] }, new AbortController().signal);
  return { route, ask };
};

async function repeatedly(count: number, ask: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await ask();
}

/** The machine may be slow and busy: the clock stands still but for what a call of each model is to take. */
function clocked(instance: Instance, latencyMs: Record<string, number>): Pick<Instance, 'guard'> {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { guard } = instance;
  const ask: typeof guard.ask = async (request, ...more) => {
    const reply = await guard.ask(request, ...more);
    vi.setSystemTime(Date.now() + (latencyMs[request.model] ?? 1));
    return reply;
  };
  return {
    guard: Object.assign(Object.create(guard), { ask, blockedUntil: guard.blockedUntil.bind(guard) }),
  };
}

describe('a step with several models', () => {
  it('asks each once and then the faster one', async () => {
    await repeatedly(8, routed(clocked(stage.instance(), { [MODEL]: 500 })).ask);
    expect([stage.calls(MODEL), stage.calls(OTHER_MODEL)]).toEqual([1, 7]);
  });

  it('goes over to the other when the faster one becomes slower, because now and then it tries', async () => {
    const latencyMs = { [MODEL]: 100, [OTHER_MODEL]: 10 };
    const { ask } = routed(clocked(stage.instance(), latencyMs), 0.2);
    await repeatedly(10, ask);
    const before = stage.calls(OTHER_MODEL);
    expect(before).toBeGreaterThan(6);
    latencyMs[OTHER_MODEL] = 500;
    await repeatedly(20, ask);
    expect(stage.calls(OTHER_MODEL) - before).toBeLessThan(14);
  });

  it('says which one was asked', async () => {
    stage.model.behave({ models: { [MODEL]: { errorRates: { server503: 1 } } } });
    const reply = await routed(stage.instance()).ask();
    expect(reply).toMatchObject({ requested: OTHER_MODEL, end: { kind: 'answer' } });
  });

  it('asks the other at once when one fails, and prefers it from then on', async () => {
    stage.model.behave({ models: { [MODEL]: { errorRates: { server503: 1 } } } });
    await repeatedly(10, routed(stage.instance()).ask);
    expect([stage.calls(MODEL), stage.calls(OTHER_MODEL)]).toEqual([1, 10]);
  });

  it('skips one whose quota is used up for the day, without waiting or parking', async () => {
    stage.model.behave({ models: { [MODEL]: { quotas: { perDay: 0 } } } });
    await repeatedly(5, routed(stage.instance(), 0.5).ask);
    expect([stage.calls(MODEL), stage.calls(OTHER_MODEL)]).toEqual([1, 5]);
  });

  it('skips one whose breaker is open', async () => {
    stage.model.behave({ models: { [MODEL]: { errorRates: { server503: 1 } } } });
    const instance = stage.instance({ maxAttempts: 1, restMs: 60_000, maxRestMs: 60_000 });
    await repeatedly(8, () => failureOf(instance.ask()));
    await repeatedly(5, routed(instance, 0.9).ask);
    expect([stage.calls(MODEL), stage.calls(OTHER_MODEL)]).toEqual([8, 5]);
  });

  it('names the earliest time when all are paused', async () => {
    const instance = stage.instance();
    stage.model.behave({
      script: [
        { fault: 'quotaDay429', model: MODEL },
        { fault: 'quota429', retryDelaySeconds: 600, model: OTHER_MODEL },
      ],
    });
    await failureOf(instance.ask({ model: MODEL }));
    await failureOf(instance.ask({ model: OTHER_MODEL }));
    const failure = await failureOf(routed(instance).ask());
    expect(failure.code).toBe('MODEL_QUOTA_MINUTE');
    expect(((failure.facts.until ?? 0) - Date.now()) / 1_000).toBeGreaterThan(500);
    expect(((failure.facts.until ?? 0) - Date.now()) / 1_000).toBeLessThan(605);
    expect(stage.calls()).toBe(2);
  });

  it('waits for the one that returns first when that is soon', async () => {
    const instance = stage.instance({ maxAttempts: 1 });
    stage.model.behave({
      script: [
        { fault: 'quotaDay429', model: MODEL },
        { fault: 'quota429', retryDelaySeconds: 2, model: OTHER_MODEL },
      ],
    });
    await failureOf(instance.ask({ model: MODEL }));
    await failureOf(instance.ask({ model: OTHER_MODEL }));
    expect(await routed(instance).ask()).toMatchObject({ requested: OTHER_MODEL });
  });

  it('does not ask another about a request that was rejected', async () => {
    stage.model.behave({ errorRates: { invalid400: 1 } });
    expect((await failureOf(routed(stage.instance()).ask())).code).toBe('MODEL_REJECTED_REQUEST');
    expect(stage.calls()).toBe(1);
  });
});

describe('the order in which models are tried', () => {
  const expected = (model: string) => ({ slow: 900, fast: 100 })[model] ?? 0;

  it.each([
    ['the fastest first', [{ slow: 0 }, { fast: 0 }], ['fast', 'slow']],
    ['an unknown one before all', [{ fast: 0 }, { unknown: 0 }], ['unknown', 'fast']],
    ['blocked ones not at all while another is open', [{ fast: 5_000 }, { slow: 0 }], ['slow']],
    ['only the one that returns first when all are blocked', [{ slow: 4_000 }, { fast: 5_000 }], ['slow']],
  ])('is %s', (_, given, order) => {
    const candidates = given.flatMap((one) =>
      Object.entries(one).map(([model, blockedUntil]) => ({ model, blockedUntil: Number(blockedUntil) })),
    );
    expect(toTry(candidates, expected)).toEqual(order);
  });
});
