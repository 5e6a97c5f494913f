import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BUDGET_DOCUMENT, BudgetLimits } from '../../shared/money/budgets.ts';
import { startUnsteadyFirestore, type UnsteadyFirestore } from '../support/patience.ts';

let firestore: UnsteadyFirestore;
let documents: Documents;

beforeAll(async () => {
  firestore = await startUnsteadyFirestore();
  documents = firestore.connect();
  await documents.merge(BUDGET_DOCUMENT, { dailyUsd: 0 });
});
afterAll(() => firestore.close());

const configured = { daily: 10_000_000_000, uploaderDaily: null, uploaders: {}, profiles: {} };
const budgets = (cacheMs: number) => new BudgetLimits(documents, configured, { cacheMs, log: silentLog });

describe('the limits in control/budget, while Firestore does not answer', () => {
  it('are not taken for absent by an instance that has not read them yet: it spends nothing', async () => {
    const limits = budgets(60_000);
    firestore.setFault('unavailable');
    for (const _ of [1, 2])
      await expect(limits.limits()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    firestore.setFault('none');
    expect(await limits.limits()).toMatchObject({ daily: 0 });
  });

  it('hold on as they were last read', async () => {
    const limits = budgets(60_000);
    expect(await limits.limits()).toMatchObject({ daily: 0 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000, shouldAdvanceTime: true });
    firestore.setFault('unavailable');
    const asked = await Promise.allSettled([limits.limits()]);
    expect(asked).toMatchObject([{ status: 'rejected' }]);
    expect(await limits.limits()).toMatchObject({ daily: 0 });
    firestore.setFault('none');
    vi.useRealTimers();
  });
});
