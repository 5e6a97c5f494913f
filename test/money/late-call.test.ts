import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../shared/base/log.ts';
import { endAt } from '../../shared/base/resilience/deadline.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createPay } from '../../shared/money/spending.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { failureOf, type Stage, startStage } from '../analyze/instances.ts';

const DAILY = 10_000_000;
const ATTEMPT_MS = 1_000;
const quiet = () => undefined;
const never = new AbortController().signal;

let stage: Stage;
let documents: Documents;

beforeEach(async () => {
  stage = await startStage();
  process.env['FIRESTORE_EMULATOR_HOST'] = stage.firestore.host;
  documents = new Documents({ projectId: 'local' });
});
afterEach(async () => {
  await documents.close();
  await stage.close();
});

function instance() {
  const limits = { daily: DAILY, uploaderDaily: null, uploaders: {}, profiles: {} };
  const dayBudgets = new DayBudgets(
    documents,
    new BudgetLimits(documents, limits, { cacheMs: 60_000, log: silentLog }),
    {
      ...{ owner: 'one', holdMs: 60_000, waitMs: 5_000, uploaderAction: 'refuse' },
    },
  );
  const prices = new PriceList();
  const pay = createPay(dayBudgets, new SpendLog('one'), {
    ...{ prices, estimator: new Estimator(prices), audit: { record: quiet }, log: silentLog },
    ...{ referencesOf: () => [], leastCallMs: ATTEMPT_MS / 4 },
  });
  return { dayBudgets, pay };
}

describe('a call for which money came late', () => {
  it('is not made when the end of its function would cut it off: it costs nothing and holds nothing', async () => {
    const { dayBudgets, pay } = instance();
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    const everything = await budget.reserve([DAILY], never);
    const profile = profileNamed('describe');
    if (!profile) throw new Error('describe is not deployed');
    const source = { bucket: 'uploads', name: 'a.jpg', generation: '1', uploader: null, bytes: 1 };
    const payment = await pay({ source, profile: 'describe' } as ResultDocument, profile);

    const { guard, ask } = stage.instance({ attemptMs: ATTEMPT_MS });
    await ask();
    const controller = new AbortController();
    endAt(controller.signal, Date.now() + 600);
    setTimeout(() => everything.settle(0), 450);
    const request = { ...stage.request, charges: payment.charges.at(0) };
    const failure = await failureOf(guard.ask(request, controller.signal));

    expect(failure).toMatchObject({ code: 'TIME_LIMIT', disposition: { redeliver: true } });
    expect(stage.calls()).toBe(1);
    expect(payment.cost(false)).toMatchObject({ cost: { usd: 0 }, record: undefined });
    expect((await budget.reserve([DAILY], never, { waitMs: 0 })).amount).toBe(DAILY);
  });
});
