import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { executionsPerImage } from '../../functions/sweep/runaway.ts';
import { PROJECT } from '../../local/topology.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Control } from '../../shared/results/pauses.ts';
import { idOf, type Pipeline, picture } from '../support/pipeline.ts';
import { startSweptPipeline, sweep, sweepUntil } from './sweeping.ts';

const LIFTED_AT = 1_795_176_000_000;

/** A call each second, this many of them after the pause was lifted. */
const calls = (before: number, after: number) =>
  Array.from({ length: before + after }, (_, i) => ({
    ...{ model: 'm', step: 0, outcome: 'ok', latencyMs: 1, tokens: null, costUsd: 0 },
    at: new Date(LIFTED_AT + (i - before) * 1_000),
  }));

const claim = (count: number, excused = 0) => ({
  claim: { owner: 'x', stage: 'analyze' as const, expiresAt: new Date(0), count, excused },
  attempts: calls(0, 0),
  createdAt: new Date(LIFTED_AT - 3_600_000),
  updatedAt: new Date(LIFTED_AT + 60_000),
});

const many = (count: number, of: ReturnType<typeof claim>) => Array.from({ length: count }, () => of);

describe('executions per image', () => {
  it('are 2 in a healthy pipeline', () => {
    expect(executionsPerImage(many(30, claim(2)))).toBe(2);
  });

  it('do not count those that an outage ended', () => {
    expect(executionsPerImage(many(30, claim(12, 10)))).toBe(2);
  });

  it('of a handful of images tell nothing', () => {
    expect(executionsPerImage(many(19, claim(50)))).toBeNull();
  });

  it('since a pause was lifted are not those before it', () => {
    const before = { ...claim(9), updatedAt: new Date(LIFTED_AT - 1) };
    expect(executionsPerImage(many(30, before), LIFTED_AT)).toBeNull();
    expect(executionsPerImage(many(30, { ...claim(10), attempts: calls(9, 0) }), LIFTED_AT)).toBe(1);
  });

  it('since a pause was lifted are all that came after it', () => {
    expect(executionsPerImage(many(30, { ...claim(17), attempts: calls(9, 8) }), LIFTED_AT)).toBe(9);
    const later = { ...claim(8), createdAt: new Date(LIFTED_AT + 1) };
    expect(executionsPerImage(many(30, later), LIFTED_AT)).toBe(8);
  });
});

describe('a pipeline that executes its images over and over', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    // Executions are counted: none may be cut off because the machine is busy.
    pipeline = await startSweptPipeline(
      { env: { RUNAWAY_RATIO: '6', RUNAWAY_WINDOW_MS: '3600000', MAX_EXECUTIONS: '100' } },
      {},
    );
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await pipeline.close();
  });

  it('is paused by the sweep, with the reason; new uploads wait and go on when a person lifts it, until the images go round again', async () => {
    await pipeline.upload('first.jpg', await picture(1));
    const healthy = await pipeline.settled('first.jpg');
    expect(await sweep(pipeline)).toMatchObject({ paused: false });

    const circling = Array.from({ length: 25 }, (_, i) => pipeline.firestore.doc(`results/circling-${i}`));
    await Promise.all(
      circling.map((document) =>
        document.set({
          ...healthy,
          updatedAt: new Date(),
          // On a busy machine the first picture may have needed a second, excused execution.
          claim: { ...(healthy['claim'] as object), count: 9, excused: 0 },
        }),
      ),
    );
    expect(await sweep(pipeline)).toMatchObject({ paused: true, executionsPerImage: expect.closeTo(8.7, 0) });
    const control = (await pipeline.firestore.doc('control/pipeline').get()).data();
    expect(control).toMatchObject({ paused: true, reason: expect.stringContaining('runaway') });

    await pipeline.upload('waits.jpg', await picture(2));
    const waiting = await pipeline.settled('waits.jpg');
    expect(waiting).toMatchObject({ status: 'parked', failure: { code: 'PIPELINE_PAUSED' } });

    vi.stubEnv('FIRESTORE_EMULATOR_HOST', pipeline.cloud.firestore.host);
    const documents = new Documents({ projectId: PROJECT });
    await new Control(documents, { cacheMs: 0, log: silentLog }).set('pipeline', undefined);
    await documents.close();
    await pipeline.firestore.doc(`results/${idOf('waits.jpg')}`).update({ dueAt: new Date() });
    await sweepUntil(pipeline, async () => (await pipeline.result('waits.jpg'))?.['status'] === 'completed');
    expect(await sweep(pipeline)).toMatchObject({ paused: false });

    const [attempt] = healthy['attempts'] as object[];
    const round = { ...attempt, at: new Date() };
    await Promise.all(
      circling.map((document) =>
        document.update({
          updatedAt: new Date(),
          'claim.count': 18,
          attempts: Array.from({ length: 9 }, () => round),
        }),
      ),
    );
    expect(await sweep(pipeline)).toMatchObject({ paused: true });
  });
});
