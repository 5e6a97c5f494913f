import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { type Control, fromDocument, isActive, pathOf } from '../../shared/results/pauses.ts';
import type { BudgetNotification } from './notification.ts';
import { budgetRecord, decide, recordPath } from './record.ts';

interface BudgetAlertDependencies {
  documents: Documents;
  openControl: () => Pick<Control, 'pause'>;
  log: Log;
  /** Share of the budget from which the pipeline is paused. */
  pauseAt: number;
}

/** Records a notification and pauses the pipeline when the budget is used up. Throws only if repeating could help. */
export const createBudgetAlert =
  ({ documents, openControl, log, pauseAt }: BudgetAlertDependencies) =>
  async (notification: BudgetNotification): Promise<void> => {
    const path = recordPath(notification);
    for (;;) {
      const stored = await documents.get(path);
      const known = stored && budgetRecord.parse(stored.data);
      const { record, pauseUntil } = decide(known, notification, pauseAt, Date.now());
      // Paused before it is recorded: a crash between the two pauses once more, the other way round never.
      if (pauseUntil !== null) await pauseForBudget(documents, openControl(), notification, pauseUntil);
      const written = stored
        ? await documents.compareAndSet(path, record, stored.version)
        : await documents.create(path, record);
      if (written === 'stale' || written === 'exists') continue;
      log.info('budget.notified', {
        budgetId: record.budgetId,
        share: record.share,
        paused: pauseUntil !== null,
      });
      return;
    }
  };

/** Until then, or until somebody lifts it. */
async function pauseForBudget(
  documents: Documents,
  control: Pick<Control, 'pause'>,
  { name, cost, budget, currency }: BudgetNotification,
  until: number,
): Promise<void> {
  const percent = Math.round((cost / budget) * 100);
  const reason = `${percent} % of the cloud budget "${name}" is used up (${cost} of ${budget} ${currency}).`;
  await control.pause('pipeline', { until, code: 'PIPELINE_PAUSED', reason });
  // The pause itself never fails; whether others can see it does.
  const stored = await documents.get(pathOf('pipeline'));
  if (!stored || !isActive(fromDocument('pipeline', stored.data), Date.now()))
    throw new PipelineError('STORE_UNAVAILABLE', 'The pause of the pipeline could not be stored.');
}
