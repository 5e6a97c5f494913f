import type { Documents, Version } from '../cloud/firestore/documents.ts';
import type { NanoUsd } from '../prices/units.ts';
import {
  allocationsPath,
  type BudgetDocument,
  committed,
  noAllocations,
  readAllocations,
  type Scope,
  spentBy,
  withoutExpired,
} from './budget-document.ts';
import { type BudgetLimits, scopesOf } from './budgets.ts';

interface Share {
  document: BudgetDocument;
  version: Version | undefined;
  /** Of this job so far. */
  used: NanoUsd;
}

interface JobGrantsOptions {
  /** The job: it holds its grants until it ends, whichever instance works on it. */
  owner: string;
  day: string;
  /** When what was not spent is released automatically. */
  expiresAt: Date;
}

/**
 * What a batch job may spend, from every budget that covers its pictures. Unlike the share of an instance it outlives
 * the process: the grants stand under the job's name. Taking them again after a crash takes only what is missing.
 */
export class JobGrants {
  readonly #documents: Documents;
  readonly #limits: BudgetLimits;
  readonly #options: JobGrantsOptions;
  readonly #shares = new Map<string, Share>();

  constructor(documents: Documents, limits: BudgetLimits, options: JobGrantsOptions) {
    this.#documents = documents;
    this.#limits = limits;
    this.#options = options;
  }

  /** The first of `amounts`, dearest first, that every budget has left; undefined when none has. Throws STORE_UNAVAILABLE. */
  async take(
    image: { profile: string; uploader: string | null },
    amounts: readonly NanoUsd[],
  ): Promise<NanoUsd | undefined> {
    const scopes = scopesOf(await this.#limits.limits(), image.profile, image.uploader);
    for (const amount of amounts) if (await this.#takeAll(scopes, amount)) return amount;
    return undefined;
  }

  async #takeAll(scopes: readonly Scope[], amount: NanoUsd): Promise<boolean> {
    const taken: Share[] = [];
    for (const scope of scopes) {
      const share = await this.#takeFrom(scope, amount);
      if (share) taken.push(share);
      else {
        // The surplus is used by the next pictures, or given back with the end of the job.
        for (const one of taken) one.used -= amount;
        return false;
      }
    }
    return true;
  }

  async #takeFrom(scope: Scope, amount: NanoUsd): Promise<Share | undefined> {
    const { owner, day, expiresAt } = this.#options;
    for (;;) {
      const share = this.#shares.get(scope.name) ?? (await this.#read(scope));
      const current = await withoutExpired(this.#documents, share.document, Date.now());
      const document = current ?? share.document;
      const held = document.grants[owner]?.nanoUsd ?? 0;
      const missing = Math.max(0, share.used + amount - held);
      if (missing > 0 && committed(document) + missing > scope.limit) return undefined;
      if (missing > 0) {
        const grants = { ...document.grants, [owner]: { nanoUsd: held + missing, expiresAt } };
        const next = { ...document, limitNanoUsd: scope.limit, grants, writes: document.writes + 1 };
        const path = allocationsPath(scope.name, day);
        const written = share.version
          ? await this.#documents.compareAndSet(path, next, share.version)
          : await this.#documents.create(path, next);
        if (written === 'stale' || written === 'exists') {
          this.#shares.set(scope.name, await this.#read(scope, share.used));
          continue;
        }
        share.document = next;
        share.version = written;
      }
      share.used += amount;
      this.#shares.set(scope.name, share);
      return share;
    }
  }

  async #read(scope: Scope, used = 0): Promise<Share> {
    const { day } = this.#options;
    const stored = await this.#documents.get(allocationsPath(scope.name, day));
    return stored
      ? { document: readAllocations(stored), version: stored.version, used }
      : { document: noAllocations(scope.name, day, scope.limit), version: undefined, used };
  }
}

const PAGE = 300;

/** Gives back what a job has not spent of the budgets of its day. Doing it twice does no harm. Throws STORE_UNAVAILABLE. */
export async function endGrants(documents: Documents, day: string, owner: string): Promise<void> {
  let after: string | undefined;
  do {
    const page = await documents.query('spend', {
      where: [{ field: 'day', op: '==', value: day }],
      orderBy: [{ field: '__name__', direction: 'asc' }],
      limit: PAGE,
      ...(after === undefined ? {} : { startAfter: [after] }),
    });
    for (const { data } of page)
      if (owner in ((data['grants'] ?? {}) as object))
        await endGrant(documents, String(data['scope']), day, owner);
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}

async function endGrant(documents: Documents, scope: string, day: string, owner: string): Promise<void> {
  const path = allocationsPath(scope, day);
  for (;;) {
    const stored = await documents.get(path);
    if (!stored) return;
    const document = readAllocations(stored);
    const mine = document.grants[owner];
    if (!mine || mine.expiresAt === null) return;
    const nanoUsd = Math.min(mine.nanoUsd, await spentBy(documents, document, owner));
    const grants = { ...document.grants, [owner]: { nanoUsd, expiresAt: null } };
    const patch = { grants, writes: document.writes + 1 };
    if ((await documents.compareAndSet(path, patch, stored.version)) !== 'stale') return;
  }
}
