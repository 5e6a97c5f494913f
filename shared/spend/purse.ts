import type { Documents } from '../firestore/documents.ts';
import type { NanoUsd } from '../prices/money.ts';
import { Account, type AccountOptions } from './account.ts';
import { type Budgets, type Scope, scopesOf } from './budgets.ts';
import { dayOf } from './day.ts';

/** Money that is held for one call until it is settled with what was billed. */
export interface Reservation {
  readonly amount: NanoUsd;
  settle(billed: NanoUsd): void;
}

/** What one image may spend, from every budget that covers it. */
export interface Purse {
  /** The day whose budgets it draws on. */
  readonly day: string;
  /** Names of the budgets, for the books. */
  readonly scopes: readonly string[];
  /**
   * Holds the first of `amounts`, dearest first, that every budget has left. Throws BUDGET_EXHAUSTED (wait until the
   * named time) or UPLOADER_BUDGET_EXHAUSTED (refused: spent, not merely held by others). `waitMs`: for how long money
   * that others hold is waited for.
   */
  reserve(
    amounts: readonly NanoUsd[],
    signal: AbortSignal,
    options?: { waitMs: number },
  ): Promise<Reservation>;
}

/** For one person who asks by hand: nothing is held and nothing is booked. */
export const UNLIMITED: Purse = {
  day: '',
  scopes: [],
  reserve: async (amounts) => ({ amount: Math.max(...amounts), settle: () => undefined }),
};

/** Hands out purses; one per instance. */
export class Treasury {
  readonly #documents: Documents;
  readonly #budgets: Budgets;
  readonly #options: AccountOptions;
  readonly #accounts = new Map<string, { account: Account; day: string }>();

  constructor(documents: Documents, budgets: Budgets, options: AccountOptions) {
    this.#documents = documents;
    this.#budgets = budgets;
    this.#options = options;
  }

  get owner(): string {
    return this.#options.owner;
  }

  async purseFor(image: { profile: string; uploader: string | null }): Promise<Purse> {
    const scopes = scopesOf(await this.#budgets.limits(), image.profile, image.uploader);
    const day = dayOf(Date.now());
    // Once and for all: looked up again after midnight, they would be new ones that have forgotten what was spent.
    const accounts = scopes.map((scope) => ({ scope, account: this.#accountOf(scope.name, day) }));
    return {
      day,
      scopes: scopes.map(({ name }) => name),
      reserve: (amounts, signal, { waitMs } = this.#options) =>
        reserveFrom(accounts, amounts, signal, waitMs),
    };
  }

  #accountOf(scope: string, day: string): Account {
    const key = `${scope}_${day}`;
    const existing = this.#accounts.get(key);
    if (existing) return existing.account;
    // A purse of yesterday holds its own reference.
    for (const [other, { day: itsDay }] of this.#accounts) if (itsDay < day) this.#accounts.delete(other);
    const account = new Account(this.#documents, scope, day, this.#options);
    this.#accounts.set(key, { account, day });
    return account;
  }
}

/** From every scope the same amount, or from none. */
async function reserveFrom(
  accounts: readonly { scope: Scope; account: Account }[],
  amounts: readonly NanoUsd[],
  signal: AbortSignal,
  waitMs: number,
): Promise<Reservation> {
  const held: { account: Account; amount: NanoUsd }[] = [];
  const settle = (billed: NanoUsd) => {
    for (const { account, amount } of held.splice(0)) account.settle(amount, billed);
  };
  try {
    let amount = Math.max(...amounts);
    for (const { scope, account } of accounts) {
      const affordable = amounts.filter((each) => each <= amount);
      amount = await account.reserve(affordable, scope, signal, waitMs);
      held.push({ account, amount });
    }
    return { amount, settle };
  } catch (error) {
    settle(0);
    throw error;
  }
}
