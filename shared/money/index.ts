import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { integer } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Documents } from '../cloud/firestore/documents.ts';
import type { ReserveForCache } from '../model/context-cache/cache-cost.ts';
import { leastCallMs } from '../model/gate/options.ts';
import { PriceList } from '../prices/price-list.ts';
import type { ReferencesOf } from '../profiles/references.ts';
import { Answers, createRecall } from '../results/earlier-answers.ts';
import type { Results } from '../results/results.ts';
import { type AuditConfig, AuditLog, auditVariables } from './audit.ts';
import { BudgetLimits, DayBudgets } from './budgets.ts';
import { Estimator } from './estimate.ts';
import { LateRecords } from './late-records.ts';
import { limitsOf, spendVariables } from './options.ts';
import { SpendLog } from './spend-log.ts';
import { createPay, createRecordHit, createReserveForCache } from './spending.ts';

/** Variables of prices, budgets, earlier answers and the audit log. */
export const moneyVariables = {
  ...spendVariables,
  ...auditVariables,
  /** How long an image waits for the answer to the same picture under another name before it is delivered again. */
  ANSWER_WAIT_MS: integer('milliseconds', { min: 0, max: 60_000, default: 8_000 }),
};

type MoneyConfig = z.infer<z.ZodObject<typeof moneyVariables>> &
  AuditConfig & {
    LEASE_MS: number;
    CONTROL_CACHE_MS: number;
    MODEL_ATTEMPT_MS: number;
    MODEL_OVERALL_MS: number;
  };

interface MoneyDependencies {
  recall: ReturnType<typeof createRecall>;
  pay: ReturnType<typeof createPay>;
  recordHit: ReturnType<typeof createRecordHit>;
  late: LateRecords;
}

/** Everything about money that this instance keeps; `flush` writes what still waits. */
export function createMoney(
  documents: Documents,
  results: Results,
  config: MoneyConfig,
  log: Log,
  referencesOf: ReferencesOf,
): MoneyDependencies & { prices: PriceList; reserveForCache: ReserveForCache; flush: () => Promise<void> } {
  // Not known before: two instances must never draw on one grant.
  const owner = randomUUID();
  const prices = new PriceList();
  const audit = new AuditLog(documents, config, log);
  const spendLog = new SpendLog(owner);
  const late = new LateRecords(documents, log);
  const budgets = new BudgetLimits(documents, limitsOf(config), { cacheMs: config.CONTROL_CACHE_MS, log });
  const dayBudgets = new DayBudgets(documents, budgets, {
    owner,
    holdMs: config.LEASE_MS,
    // The wait takes place inside a call's own deadline, which must not end it.
    waitMs: Math.min(config.BUDGET_WAIT_MS, config.MODEL_ATTEMPT_MS / 4),
    uploaderAction: config.UPLOADER_BUDGET_ACTION,
  });
  return {
    prices,
    recall: createRecall(new Answers(documents, results), {
      waitMs: config.ANSWER_WAIT_MS,
      referencesOf,
      documents,
    }),
    pay: createPay(dayBudgets, spendLog, {
      ...{ prices, estimator: new Estimator(prices), audit, log, referencesOf },
      leastCallMs: leastCallMs({ attemptMs: config.MODEL_ATTEMPT_MS, overallMs: config.MODEL_OVERALL_MS }),
    }),
    recordHit: createRecordHit(spendLog),
    late,
    reserveForCache: createReserveForCache(dayBudgets, spendLog, late),
    flush: async () => {
      await Promise.all([audit.flush(), late.flush()]);
    },
  };
}
