import type { Documents, Patch, Version } from '../../cloud/firestore/documents.ts';
import { type ResultDocument, resultDocument, type Webhook } from '../document.ts';
import { reviewOwedTo } from '../outcomes.ts';
import { RESULT_QUERIES } from '../queries.ts';
import { isTerminal } from '../statuses.ts';

/** A delivery that this caller alone may try until `leaseMs` has passed. */
export interface DeliveryAttempt {
  id: string;
  document: ResultDocument;
  webhook: Webhook & { event: string };
  /** From 1. */
  number: number;
}

const { collection } = RESULT_QUERIES.webhooksDue;

/** Who is still to be notified of what: the field `webhook` of the results. */
export class Debts {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** Ids of results whose next attempt is due, the longest overdue first. */
  async due(nowMs: number, limit: number): Promise<string[]> {
    const { where, orderBy } = RESULT_QUERIES.webhooksDue;
    const [filter] = where;
    const stored = await this.#documents.query(collection, {
      where: [{ ...filter, value: new Date(nowMs) }],
      orderBy,
      limit,
    });
    return stored.map(({ id }) => id);
  }

  /** Takes the next attempt, if there is one to make now: the first one at once, later ones when they are due. */
  async take(id: string, leaseMs: number, nowMs = Date.now()): Promise<DeliveryAttempt | undefined> {
    for (;;) {
      const found = await this.#read(id);
      if (!found) return undefined;
      const { document, version } = found;
      const { webhook } = document;
      if (webhook?.event === undefined || webhook.dueAt === undefined) return undefined;
      // It has started over: the next end is what it owes.
      if (!isTerminal(document.status)) return undefined;
      const made = webhook.attempts ?? 0;
      if (made > 0 && webhook.dueAt.getTime() > nowMs) return undefined;
      const taken = { 'webhook.attempts': made + 1, 'webhook.dueAt': new Date(nowMs + leaseMs) };
      if (await this.#change(id, taken, version))
        return { id, document, webhook: { ...webhook, event: webhook.event }, number: made + 1 };
    }
  }

  delivered(attempt: DeliveryAttempt): Promise<void> {
    return this.#note(attempt, {
      'webhook.dueAt': undefined,
      'webhook.failure': undefined,
      'webhook.deliveredAt': new Date(Date.now()),
    });
  }

  /** `again`: when the next attempt is due; undefined gives up. */
  failed(attempt: DeliveryAttempt, why: string, again: Date | undefined): Promise<void> {
    return this.#note(attempt, { 'webhook.dueAt': again, 'webhook.failure': why });
  }

  /** Unless the image has ended again since, or another attempt was taken. */
  async #note({ id, webhook, number }: DeliveryAttempt, patch: Patch): Promise<void> {
    for (;;) {
      const found = await this.#read(id);
      const current = found?.document.webhook;
      if (!found || current?.event !== webhook.event || current.attempts !== number) return;
      const isOver = patch['webhook.dueAt'] === undefined;
      const change = isOver && current.next ? reviewOwedTo(current) : patch;
      if (await this.#change(id, change, found.version)) return;
    }
  }

  async #read(id: string): Promise<{ document: ResultDocument; version: Version } | undefined> {
    const stored = await this.#documents.get(`${collection}/${id}`);
    const document = stored && resultDocument.safeParse(stored.data).data;
    return stored && document && { document, version: stored.version };
  }

  async #change(id: string, patch: Patch, version: Version): Promise<boolean> {
    return (await this.#documents.compareAndSet(`${collection}/${id}`, patch, version)) !== 'stale';
  }
}
