import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BUDGET_DOCUMENT, BudgetLimits } from '../../shared/money/budgets.ts';

let server: FirestoreServer;
let documents: Documents;

beforeAll(async () => {
  server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local', attemptMs: 1_000, overallMs: 1_500 });
  await documents.merge(BUDGET_DOCUMENT, { dailyUsd: 0 });
});
afterAll(async () => {
  await documents.close();
  await server.close();
  vi.unstubAllEnvs();
});

const quiet = () => undefined;
const log = { info: quiet, warn: quiet, error: quiet };
const configured = { daily: 10_000_000_000, uploaderDaily: null, uploaders: {}, profiles: {} };
const budgets = (cacheMs: number) => new BudgetLimits(documents, configured, { cacheMs, log });

describe('the limits in control/budget, while Firestore does not answer', () => {
  it('are not taken for absent by an instance that has not read them yet: it spends nothing', async () => {
    const limits = budgets(60_000);
    server.setFault('unavailable');
    for (const _ of [1, 2])
      await expect(limits.limits()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    server.setFault('none');
    expect(await limits.limits()).toMatchObject({ daily: 0 });
  });

  it('hold on as they were last read', async () => {
    const limits = budgets(60_000);
    expect(await limits.limits()).toMatchObject({ daily: 0 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000, shouldAdvanceTime: true });
    server.setFault('unavailable');
    const asked = await Promise.allSettled([limits.limits()]);
    expect(asked).toMatchObject([{ status: 'rejected' }]);
    expect(await limits.limits()).toMatchObject({ daily: 0 });
    server.setFault('none');
    vi.useRealTimers();
  });
});
