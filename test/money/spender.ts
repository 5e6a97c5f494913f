import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';

/**
 * An instance that spends as fast as it can: `node spender.ts OWNER LIMIT RESERVE BILL TRIES [hang]`, nano-dollars. Prints
 * how many calls it could pay. With `hang` it reserves, says so and never settles.
 */
const [owner = '', limit, reserve, bill, tries, mode] = process.argv.slice(2);
const documents = new Documents({ projectId: 'local' });
const limits = { daily: Number(limit), uploaderDaily: null, uploaders: {}, profiles: {} };
const dayBudgets = new DayBudgets(
  documents,
  new BudgetLimits(documents, limits, { cacheMs: 60_000, log: silentLog }),
  {
    owner,
    holdMs: 1_000,
    waitMs: 2_000,
    uploaderAction: 'refuse',
  },
);
const spendLog = new SpendLog(owner);
const never = new AbortController().signal;

async function payOnce(): Promise<boolean> {
  const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
  try {
    const reservation = await budget.reserve([Number(reserve)], never);
    if (mode === 'hang') return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    reservation.settle(Number(bill));
    const entry = {
      ...{
        day: budget.day,
        scopes: budget.scopes,
        profile: 'describe',
        uploader: null,
        ended: true,
        cacheHit: false,
      },
      ...{ estimated: 0, lost: 0, savedByCache: 0, topStep: 0, bytesIn: 0, bytesOut: 0 },
      calls: [{ model: 'm', tokens: null, nanos: Number(bill) }],
    };
    await documents.commit([spendLog.write(entry)]);
    return true;
  } catch {
    return false;
  }
}

const paid = await Promise.all(Array.from({ length: Number(tries) }, payOnce));
process.stdout.write(`${paid.filter(Boolean).length}\n`);
if (mode === 'hang') await new Promise(() => setInterval(() => undefined, 1_000));
process.exit(0);
