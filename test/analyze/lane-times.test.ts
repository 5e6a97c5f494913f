import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLanes } from '../../shared/model/ask-by-lane.ts';
import { type Stage, startStage } from './instances.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

describe('the time of the standard calls of a flex picture', () => {
  it('begins when flex is given up: neither a gate before nor the minutes of flex are part of it', async () => {
    const standard = stage.instance({ attemptMs: 2_000, overallMs: 2_000 }).guard;
    const flex = stage.instance().guard;
    const ask = createLanes(
      (request, signal) => standard.ask(request, signal),
      (request, signal) => flex.ask(request, signal),
      { reserveMs: 2_000, returnMs: 60_000, overallMs: 30_000, leastMs: 100 },
    )({ asked: 'flex', endsAt: Date.now() + 40_000 });
    stage.model.behave({
      script: [
        { json: { caption: 'suitable' } },
        { fault: 'server503', latencyMs: 2_500 },
        { fault: 'server503', times: 2 },
        { json: { caption: 'answered' } },
      ],
    });
    const { signal } = new AbortController();
    await standard.ask(stage.request, signal);
    expect(await ask(stage.request, signal)).toMatchObject({
      end: { kind: 'answer', text: '{"caption":"answered"}' },
    });
  });
});
