import { expect, it } from 'vitest';
import { documentPath } from '../../shared/results/id.ts';
import { spentToday } from '../support/analysis.ts';
import {
  allRun,
  allWait,
  type Bench,
  idOf,
  jobsIn,
  NAMES,
  over,
  processOf,
  resultOf,
  runOf,
  startBench,
  waiting,
} from './in-process.ts';

/** Milliseconds: nobody waits long for a process that is gone. */
const LEASE_MS = 30;

/**
 * Firestore and Google for a process that dies with its n-th call, counted from 0: `unheard`, that call has come about.
 * `died`: whether it came so far.
 */
function lastingFor(n: number, unheard: boolean) {
  let calls = 0;
  const dies = () => {
    throw new Error('The process is gone.');
  };
  const counted =
    (method: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]): Promise<unknown> => {
      const call = calls;
      calls += 1;
      if (call > n || (call === n && !unheard)) dies();
      const answer: unknown = await method(...args);
      if (call === n) dies();
      return answer;
    };
  const toTheEnd = <T extends object>(whole: T): T =>
    new Proxy(whole, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const method = value.bind(target);
        return name === 'line' || name === 'results' ? method : counted(method);
      },
    });
  return { toTheEnd, died: () => calls > n };
}

/** What is held of the budgets of the day beyond what was spent. */
async function heldIn({ documents }: Bench): Promise<string[]> {
  const spend = await documents.query('spend', { limit: 100 });
  return spend.flatMap(({ data }) =>
    Object.entries((data['grants'] ?? {}) as Record<string, { expiresAt: unknown }>)
      .filter(([, { expiresAt }]) => expiresAt !== null)
      .map(([owner]) => owner),
  );
}

async function dieAt(n: number, unheard: boolean): Promise<boolean> {
  const bench = await startBench();
  try {
    await allWait(bench);
    const { toTheEnd, died } = lastingFor(n, unheard);
    const [documents, google] = [toTheEnd(bench.documents), toTheEnd(bench.google)];
    await runOf(processOf({ ...bench, documents, google }, {}, { leaseMs: LEASE_MS })).catch(() => undefined);
    const [overwritten = '', deleted = '', ...others] = NAMES;
    await waiting(bench, overwritten, { generation: '2' });
    await bench.documents.delete(documentPath(idOf(deleted)));
    await over(LEASE_MS);
    await allRun(bench);
    const { created } = bench.google;
    const at = `killed with call ${n}, ${unheard ? 'unheard' : 'not made'}`;
    expect(new Set(created.map(({ id }) => id)).size, at).toBe(created.length);
    const asked = created.flatMap(({ keys }) => keys);
    expect((await spentToday(bench.documents)).calls, at).toBe(asked.length);
    for (const name of others)
      expect(
        asked.filter((key) => key === idOf(name)),
        at,
      ).toHaveLength(1);
    for (const name of [overwritten, ...others]) {
      const { status, attempts } = await resultOf(bench, name);
      expect([name, status, attempts.length], at).toEqual([name, 'completed', 1]);
    }
    expect(
      (await jobsIn(bench)).map(({ state }) => state).filter((state) => state !== 'ended'),
      at,
    ).toEqual([]);
    expect(await heldIn(bench), at).toEqual([]);
    return died();
  } finally {
    await bench.close();
  }
}

it.each([false, true])(
  'a process that dies with any of its calls (unheard: %s) loses nothing',
  async (unheard) => {
    let n = 0;
    while (await dieAt(n, unheard)) n += 1;
    expect(n).toBeGreaterThan(20);
  },
);
