import { PipelineError } from '../base/errors/pipeline-error.ts';
import type { Documents, Version } from '../cloud/firestore/documents.ts';
import { type NanoUsd, nextDayStart, showUsd } from '../prices/units.ts';
import {
  allocationsPath,
  type BudgetDocument,
  committed,
  noAllocations,
  othersHold,
  readAllocations,
  type Scope,
  withoutExpired,
} from './budget-document.ts';

export interface BudgetShareOptions {
  owner: string;
  /** The longest that an image may take: no grant ends under a call. Milliseconds. */
  holdMs: number;
  /** How long a call waits for money that other calls hold. Milliseconds. */
  waitMs: number;
  /** What becomes of an image whose uploader has used up the budget. */
  uploaderAction: 'refuse' | 'park';
}

/** A grant is renewed this often at most. */
const RENEWAL_MS = 120_000;
/** A grant is for this many calls at their dearest, which pays for about fifty usual images. */
const CALLS_PER_GRANT = 8;
/** Nobody takes more than this share of what is left, so that the end of a budget is not stranded with one instance. */
const SHARE_OF_REST = 8;
const POLL_MS = 200;
const PARK_SHORTLY_MS = 60_000;

type TopUp = { kind: 'granted' } | { kind: 'short'; othersUntil: number | undefined };

/**
 * This instance's share of one scope's budget of one day. Memory only, except when the share is used up: one
 * compare-and-set then takes more. `spent + reserved <= granted` holds here, and the sum of all grants is at most the
 * limit, so the budget cannot be overshot by calls that cost what was reserved for them.
 */
export class BudgetShare {
  readonly #documents: Documents;
  readonly #options: BudgetShareOptions;
  readonly #scope: string;
  readonly #day: string;
  #granted: NanoUsd = 0;
  #spent: NanoUsd = 0;
  #reserved: NanoUsd = 0;
  #limit = Number.POSITIVE_INFINITY;
  #expiresAt = 0;
  #known: { document: BudgetDocument; version: Version } | undefined;
  #toppingUp: Promise<TopUp> | undefined;
  #wake = new Set<() => void>();

  constructor(documents: Documents, scope: string, day: string, options: BudgetShareOptions) {
    this.#documents = documents;
    this.#scope = scope;
    this.#day = day;
    this.#options = options;
  }

  /**
   * Holds the first of `amounts`, dearest first, that there is money for, until it is settled. Throws BUDGET_EXHAUSTED
   * with the time from which there may be money again; UPLOADER_BUDGET_EXHAUSTED only when the money is spent.
   */
  async reserve(
    amounts: readonly NanoUsd[],
    scope: Scope,
    signal: AbortSignal,
    waitMs = this.#options.waitMs,
  ): Promise<NanoUsd> {
    const patience = Date.now() + waitMs;
    for (;;) {
      let othersUntil: number | undefined;
      for (const amount of amounts) {
        const outcome = await this.#hold(amount, scope.limit, signal);
        if (outcome.kind === 'granted') return amount;
        othersUntil = outcome.othersUntil;
      }
      const mayComeBack = this.#reserved > 0 || othersUntil !== undefined;
      if (!mayComeBack || scope.limit < Math.min(...amounts)) {
        throw exhausted(scope, this.#day, this.#options.uploaderAction);
      }
      if (Date.now() >= patience) throw heldByOthers(scope, othersUntil);
      await this.#change();
    }
  }

  async #hold(amount: NanoUsd, limit: NanoUsd, signal: AbortSignal): Promise<TopUp> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#covers(amount, limit)) {
        this.#reserved += amount;
        return { kind: 'granted' };
      }
      const own = this.#toppingUp === undefined;
      this.#toppingUp ??= this.#topUp(amount, limit).finally(() => {
        this.#toppingUp = undefined;
      });
      const outcome = await this.#toppingUp;
      // Somebody else's need says nothing about ours.
      if (own && outcome.kind === 'short' && !this.#covers(amount, limit)) return outcome;
    }
  }

  /** Books what was really billed for `reserved`. */
  settle(reserved: NanoUsd, billed: NanoUsd): void {
    this.#reserved -= reserved;
    this.#spent += billed;
    for (const wake of this.#wake) wake();
  }

  #covers(amount: NanoUsd, limit: NanoUsd): boolean {
    const lasts = this.#expiresAt - Date.now() >= this.#options.holdMs;
    // A limit that was lowered since the grant is looked at again before anything more is spent.
    return lasts && limit >= this.#limit && this.#granted - this.#spent - this.#reserved >= amount;
  }

  /** The first settlement here, or a while in which another instance may have given something back. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.#wake.add(done);
    });
  }

  async #topUp(amount: NanoUsd, limit: NanoUsd): Promise<TopUp> {
    for (;;) {
      const current = this.#known ?? (await this.#read(limit));
      const fresh = this.#known === undefined;
      this.#known = undefined;
      const grown = this.#grown(current.document, amount, limit);
      if (grown) {
        if (await this.#write(grown, current.version)) return { kind: 'granted' };
        continue;
      }
      if (!fresh) continue;
      const now = Date.now();
      const cleared = await withoutExpired(this.#documents, this.#touched(current.document), now);
      if (!cleared) return this.#short(current);
      await this.#write(cleared, current.version);
    }
  }

  /** What is too little for us may be enough for another instance: it goes back, and nobody waits for more from us. */
  async #short(current: { document: BudgetDocument; version: Version | undefined }): Promise<TopUp> {
    const { owner } = this.#options;
    const { document, version } = current;
    const othersUntil = othersHold(document, owner, Date.now());
    const mine = document.grants[owner];
    const used = this.#spent + this.#reserved;
    const settled = this.#reserved === 0 && mine?.expiresAt !== null;
    if (othersUntil !== undefined && mine && (mine.nanoUsd > used || settled)) {
      // Nobody here may take it while it is on its way back.
      this.#granted = used;
      const expiresAt = this.#reserved === 0 ? null : mine.expiresAt;
      const grants = { ...document.grants, [owner]: { nanoUsd: used, expiresAt } };
      await this.#write({ ...document, grants }, version);
    }
    return { kind: 'short', othersUntil };
  }

  /** An owner that is here is not expired, whatever its grant says. */
  #touched(document: BudgetDocument): BudgetDocument {
    const mine = document.grants[this.#options.owner];
    if (!mine) return document;
    const expiresAt = new Date(Date.now() + this.#options.holdMs);
    return { ...document, grants: { ...document.grants, [this.#options.owner]: { ...mine, expiresAt } } };
  }

  async #read(limit: NanoUsd): Promise<{ document: BudgetDocument; version: Version | undefined }> {
    const stored = await this.#documents.get(this.#path);
    return stored
      ? { document: readAllocations(stored), version: stored.version }
      : { document: noAllocations(this.#scope, this.#day, limit), version: undefined };
  }

  /** The document with enough for the amount in our grant; undefined when not enough is left. */
  #grown(document: BudgetDocument, amount: NanoUsd, limit: NanoUsd): BudgetDocument | undefined {
    const { owner, holdMs } = this.#options;
    const had = document.grants[owner]?.nanoUsd ?? 0;
    const used = this.#spent + this.#reserved;
    // After the limit was lowered, what we hold and do not need goes back first.
    const over = Math.max(0, committed(document) - limit);
    const mine = had - Math.min(Math.max(0, had - used), over);
    const left = limit - committed(document) + had - mine;
    const missing = Math.max(0, amount + used - mine);
    if (missing > Math.max(0, left)) return undefined;
    const wanted = Math.min(amount * CALLS_PER_GRANT, Math.floor(left / SHARE_OF_REST));
    // A renewal of what is enough takes nothing.
    const more = missing === 0 ? 0 : Math.max(missing, wanted);
    const expiresAt = new Date(Date.now() + holdMs + RENEWAL_MS);
    return {
      ...document,
      limitNanoUsd: limit,
      grants: { ...document.grants, [owner]: { nanoUsd: mine + more, expiresAt } },
    };
  }

  async #write(document: BudgetDocument, version: Version | undefined): Promise<boolean> {
    const next = { ...document, writes: document.writes + 1 };
    const written =
      version === undefined
        ? await this.#documents.create(this.#path, next)
        : await this.#documents.compareAndSet(this.#path, next, version);
    if (written === 'stale' || written === 'exists') return false;
    this.#known = { document: next, version: written };
    const mine = next.grants[this.#options.owner];
    this.#granted = mine?.nanoUsd ?? 0;
    this.#expiresAt = mine?.expiresAt?.getTime() ?? 0;
    this.#limit = next.limitNanoUsd;
    return true;
  }

  get #path(): string {
    return allocationsPath(this.#scope, this.#day);
  }
}

const exhausted = ({ label, limit, kind }: Scope, day: string, action: 'refuse' | 'park'): PipelineError =>
  new PipelineError(
    kind === 'uploader' && action === 'refuse' ? 'UPLOADER_BUDGET_EXHAUSTED' : 'BUDGET_EXHAUSTED',
    `${capital(label)} (${showUsd(limit)}) is used up for ${day}.`,
    { facts: { until: nextDayStart(Date.parse(day)) } },
  );

const heldByOthers = ({ label, limit }: Scope, othersUntil: number | undefined): PipelineError =>
  new PipelineError(
    'BUDGET_EXHAUSTED',
    `The rest of ${label} (${showUsd(limit)}) is held by calls under way.`,
    { facts: { until: Math.min(othersUntil ?? Number.POSITIVE_INFINITY, Date.now() + PARK_SHORTLY_MS) } },
  );

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
