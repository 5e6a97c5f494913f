import { describe, expect, it, vi } from 'vitest';
import type { BatchDependencies } from '../../functions/batch/dependencies.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import {
  allRun,
  allWait,
  dyingAt,
  HOUR_MS,
  jobsIn,
  LEASE_MS,
  over,
  processOf,
  resultOf,
  runOf,
  useBench,
  waiting,
} from './in-process.ts';

const bench = useBench();

it('a process that stood still while another one ended its job leaves no money reserved for it', async () => {
  await allWait(bench);
  const { promise: isLate, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const limits: BatchDependencies['limits'] = processOf(bench).limits;
  const inForce = await limits.limits();
  vi.spyOn(limits, 'limits').mockImplementation(async () => {
    isAsked();
    await isLate;
    return inForce;
  });
  const late = runOf(processOf(bench, { limits }, { leaseMs: LEASE_MS }));
  await asked;
  await over(LEASE_MS);
  await allRun(bench);
  goOn();
  await late;
  const spend = await bench.documents.query('spend', { limit: 100 });
  const grants = spend.flatMap(({ data }) => Object.values((data['grants'] ?? {}) as object));
  expect(grants).not.toHaveLength(0);
  expect(grants.filter(({ expiresAt }) => expiresAt !== null)).toEqual([]);
});

describe('no call is made twice', () => {
  it('where a process dies before its job says whose time is over first', async () => {
    await waiting(bench, 'a.jpg', { patienceMs: 60 * HOUR_MS });
    await waiting(bench, 'b.jpg', { patienceMs: 35 * HOUR_MS });
    const [{ batch }] = [await resultOf(bench, 'b.jpg')];
    expect((await resultOf(bench, 'a.jpg')).batch?.group).toBe(batch?.group);
    const hasJoined = async () => (await resultOf(bench, 'b.jpg')).batch?.job !== undefined;
    const ofJobs = dyingAt(
      bench.documents,
      async ([own]) => own?.path.startsWith('batches/') === true && hasJoined(),
    );
    await expect(
      runOf(processOf(bench, {}, { leaseMs: LEASE_MS, ofJobs })).catch(() => 'ended'),
    ).resolves.toBeDefined();
    expect(await hasJoined()).toBe(true);
    const [job] = await jobsIn(bench);
    expect(job?.deadline.getTime()).toBeLessThanOrEqual(Date.now() + 34 * HOUR_MS);
    expect(job).toMatchObject({ state: 'assembling', pictures: 2 });
    expect(job?.reservedUsd).toBeGreaterThan(0);
  });

  it('where a process stands still between its word and the creation, for as long as another one waits', async () => {
    await allWait(bench);
    const SETTLE_MS = 200;
    const options = { ...processOf(bench).options, createSettleMs: SETTLE_MS };
    const ofJobs = dyingAt(bench.documents, async ([own]) => {
      if (own?.kind === 'change' && own.patch['triedAt'] instanceof Date) await over(SETTLE_MS);
      return false;
    });
    await runOf(processOf(bench, { options }, { ofJobs }));
    expect(bench.google.created).toHaveLength(0);
    await over(SETTLE_MS);
    await allRun(bench);
    expect(bench.google.created).toHaveLength(1);
  });

  it('to its end where it stood still with the creation on its way: the job that nobody knows is cancelled', async () => {
    await allWait(bench);
    const { promise: isLate, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    bench.google.creating = () => {
      isAsked();
      return isLate;
    };
    const late = runOf(processOf(bench, {}, { leaseMs: LEASE_MS }));
    await asked;
    bench.google.creating = async () => undefined;
    const stillThere = vi.spyOn(BatchJobs.prototype, 'keep').mockReturnValue();
    await over(LEASE_MS);
    await allRun(bench);
    stillThere.mockRestore();
    goOn();
    await late;
    const [known, double] = bench.google.created;
    expect(double?.id).toBe(known?.id);
    expect(bench.google.cancelled).toEqual([double?.name]);
  });

  it('where a picture of the same bytes came to nothing and its profile asks something else by now', async () => {
    await waiting(bench, 'a.jpg', { batch: { group: 'repeats', question: 'of before', replies: '[]' } });
    await allRun(bench);
    const { status, attempts } = await resultOf(bench, 'a.jpg');
    expect(status).toBe('completed');
    expect(attempts).toMatchObject([{ outcome: 'ok' }]);
  });
});
