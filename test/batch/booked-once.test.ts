import { describe, expect, it } from 'vitest';
import { settleJob } from '../../functions/batch/settle.ts';
import { documentPath } from '../../shared/results/id.ts';
import { spentToday } from '../support/analysis.ts';
import {
  allRun,
  allWait,
  dyingAt,
  idOf,
  jobsIn,
  LEASE_MS,
  NAMES,
  NEVER,
  over,
  processOf,
  resultOf,
  runOf,
  useBench,
  waiting,
} from './in-process.ts';

const bench = useBench();

const isAnswered = async (): Promise<boolean> =>
  (await Promise.all(NAMES.map((name) => resultOf(bench, name)))).some(
    ({ status }) => status === 'completed',
  );

describe('each call is booked once', () => {
  it('where a process that stood still for longer than its lease finds its job settled by another one', async () => {
    await allWait(bench);
    bench.google.answering = async () => {
      throw new Error('The first process ends here.');
    };
    await runOf(processOf(bench, {}, { leaseMs: LEASE_MS }));
    await over(LEASE_MS);
    const late = processOf(bench, {}, { leaseMs: LEASE_MS });
    const [found] = await late.jobs.active();
    const taken = found && (await late.jobs.take(found));
    if (!taken) throw new Error('The job cannot be taken.');
    const { promise: isLate, resolve: goOn } = Promise.withResolvers<void>();
    bench.google.answering = () => isLate;
    const settling = settleJob(late, taken, NEVER, () => true);
    await over(LEASE_MS);
    bench.google.answering = async () => undefined;
    await runOf(processOf(bench));
    expect(await jobsIn(bench)).toMatchObject([{ state: 'ended', counts: { answered: 4 } }]);
    await waiting(bench, 'a.jpg', { generation: '2' });
    await bench.documents.delete(documentPath(idOf('b.jpg')));
    goOn();
    await expect(settling).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(await spentToday(bench.documents)).toMatchObject({ calls: 4 });
  });

  it('where a process dies beside an answer that Firestore refuses, and pictures are replaced before it goes on', async () => {
    await allWait(bench);
    bench.server.setRefusal((name, fields) =>
      name.endsWith(idOf('c.jpg')) && fields['status']?.stringValue === 'completed' ? 'No.' : undefined,
    );
    const ofJobs = dyingAt(
      bench.documents,
      async ([own]) => own?.path.startsWith('batches/') === true && isAnswered(),
    );
    await runOf(processOf(bench, {}, { leaseMs: LEASE_MS, ofJobs }));
    const stored = await Promise.all(NAMES.map((name) => resultOf(bench, name)));
    expect(stored.filter(({ status }) => status === 'completed')).not.toHaveLength(0);
    for (const [i, { status }] of stored.entries())
      if (status === 'completed') await waiting(bench, NAMES[i] ?? '', { generation: '2' });
    const again = stored.filter(({ status }) => status === 'completed').length;
    await over(LEASE_MS);
    await allRun(bench);
    expect(await resultOf(bench, 'c.jpg')).toMatchObject({
      status: 'failed',
      failure: { code: 'STORE_REFUSED' },
    });
    expect(await spentToday(bench.documents)).toMatchObject({ calls: 4 + again });
  });

  it('also of a picture whose document Firestore does not let anybody change, which holds up no other', async () => {
    await allWait(bench);
    bench.google.answering = async () => {
      bench.server.setRefusal((name) => (name.endsWith(idOf('b.jpg')) ? 'No.' : undefined));
    };
    await allRun(bench);
    const statuses = await Promise.all(NAMES.map(async (name) => (await resultOf(bench, name)).status));
    expect(statuses).toEqual(['completed', 'parked', 'completed', 'completed']);
    expect(await spentToday(bench.documents)).toMatchObject({ calls: 4 });
    bench.server.setRefusal(undefined);
  });

  it('also of pictures whose profile is gone when the answers come', async () => {
    await allWait(bench);
    let isGone = false;
    bench.google.answering = async () => {
      isGone = true;
    };
    const { profileAsked } = processOf(bench);
    const without: typeof profileAsked = async (...asked) => (isGone ? undefined : profileAsked(...asked));
    await runOf(processOf(bench, { profileAsked: without }));
    expect(await jobsIn(bench)).toMatchObject([{ state: 'ended', counts: { returned: 4 } }]);
    expect(await spentToday(bench.documents)).toMatchObject({ calls: 4 });
    expect((await resultOf(bench, 'a.jpg')).attempts).toMatchObject([{ lane: 'batch', outcome: 'outdated' }]);
  });
});
