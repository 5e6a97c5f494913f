import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { createLog } from '../../shared/base/log.ts';
import { InvalidEvent } from '../../shared/cloud/events/object-event.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Control } from '../../shared/results/pauses.ts';
import { createBudgetAlert } from './handler.ts';
import { parseNotification } from './notification.ts';
import { budgetAlertVariables } from './options.ts';

const config = loadConfig(budgetAlertVariables, process.env);
const log = createLog({ service: 'budget-alert' });
const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });

const handle = createBudgetAlert({
  documents,
  // A fresh one each time: it knows of no pause that was lifted since.
  openControl: () => new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log }),
  log,
  pauseAt: config.PAUSE_AT,
});

/** 204: recorded; 400: no notification, ends in the dead letters where it can be seen; 503: deliver again. */
http('budget-alert', async (request, response) => {
  try {
    await handle(parseNotification(request.body, Date.now()));
    response.status(204).end();
  } catch (error) {
    if (error instanceof InvalidEvent) {
      log.error('budget.invalid', error);
      response.status(400).json({ code: 'INVALID_EVENT', message: error.message });
      return;
    }
    const failure = PipelineError.from(error);
    log.error('budget.redeliver', failure);
    response.status(503).json({ code: failure.code, message: failure.message });
  }
});
