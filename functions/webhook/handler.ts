import type { Log } from '../../shared/base/log.ts';
import { viewOf } from '../../shared/results/view.ts';
import type { Debts, DeliveryAttempt } from '../../shared/results/webhooks/debts.ts';
import { sign } from '../../shared/results/webhooks/signature.ts';
import type { PostOutcome } from './post.ts';

export interface WebhookDependencies {
  debts: Debts;
  post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<PostOutcome>;
  secret: string;
  log: Log;
  /** Nobody else tries meanwhile; longer than an attempt may take. */
  leaseMs: number;
  firstPauseMs: number;
  maxAttempts: number;
  batch: number;
  concurrency: number;
}

const MAX_PAUSE_MS = 6 * 3_600_000;

/** Tells one result to anyone who asked for it, if that is to be done now. */
export async function deliverOne(deps: WebhookDependencies, id: string): Promise<void> {
  const attempt = await deps.debts.take(id, deps.leaseMs);
  if (!attempt) return;
  const body = bodyOf(attempt);
  const headers = { 'Content-Type': 'application/json', 'User-Agent': 'gemini-image-pipeline' };
  const signature = sign(deps.secret, attempt.webhook.event, body, Date.now());
  const outcome = await deps.post(attempt.webhook.url, { ...headers, ...signature }, body);
  await settle(deps, attempt, outcome);
}

/** Tells everything that is due. Resolves with how many results were looked at. */
export async function deliverDue(deps: WebhookDependencies, signal: AbortSignal): Promise<number> {
  const ids = await deps.debts.due(Date.now(), deps.batch);
  const waiting = ids.values();
  const lane = async () => {
    for (const id of waiting) {
      if (signal.aborted) return;
      // One that cannot be announced now must not keep the others waiting; it stays due.
      await deliverOne(deps, id).catch((error: unknown) => deps.log.error('webhook.broke', error, { id }));
    }
  };
  await Promise.all(Array.from({ length: deps.concurrency }, lane));
  return ids.length;
}

function bodyOf({ id, document, webhook }: DeliveryAttempt): string {
  return JSON.stringify({
    type: `result.${webhook.of ?? document.status}`,
    timestamp: document.updatedAt.toISOString(),
    data: viewOf(id, document),
  });
}

async function settle(
  deps: WebhookDependencies,
  attempt: DeliveryAttempt,
  outcome: PostOutcome,
): Promise<void> {
  const { id, number } = attempt;
  if (outcome.kind === 'taken') {
    deps.log.info('webhook.delivered', { id, attempts: number });
    return deps.debts.delivered(attempt);
  }
  const last = outcome.kind === 'refused' || number >= deps.maxAttempts;
  const pauseMs = Math.min(MAX_PAUSE_MS, deps.firstPauseMs * 2 ** (number - 1));
  deps.log.warn(last ? 'webhook.given-up' : 'webhook.failed', { id, attempts: number, why: outcome.why });
  await deps.debts.failed(attempt, outcome.why, last ? undefined : new Date(Date.now() + pauseMs));
}
