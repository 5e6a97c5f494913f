import { z } from 'zod';
import type { Documents, Stored } from '../cloud/firestore/documents.ts';
import type { NanoUsd } from '../prices/units.ts';
import { shardPath } from './spend-log.ts';

/** Something that money is limited for, named as in `spend/{name}_{day}`. */
export interface Scope {
  name: string;
  /** As people read it in a message. */
  label: string;
  limit: NanoUsd;
  kind: 'pipeline' | 'profile' | 'uploader';
}

/**
 * `spend/{scope}_{day}`: who holds how much of a day's budget. An instance takes a grant, spends from it without asking
 * again, and takes more when it is used up; the sum of all grants never exceeds the limit, whatever runs at once.
 *
 *   take grant (compare-and-set) ── calls ── take more ── ... ── instance gone
 *                                                                  └ from `expiresAt` on: cut down to what it has spent
 *
 * A grant counts all that its owner got that day, spent or not. An owner renews it while it works, and begins no call
 * that could outlive it; so what an expired grant has not spent can be given to others.
 */
const budgetDocument = z.object({
  scope: z.string(),
  day: z.string(),
  limitNanoUsd: z.number(),
  grants: z.record(z.string(), z.object({ nanoUsd: z.number(), expiresAt: z.date().nullable() })),
  writes: z.number(),
  expireAt: z.date(),
});

export type BudgetDocument = z.infer<typeof budgetDocument>;

/** Kept long enough to look back at a quarter. */
const KEPT_MS = 100 * 86_400_000;

export const allocationsPath = (scope: string, day: string): string => `spend/${scope}_${day}`;

export const readAllocations = (stored: Stored): BudgetDocument => budgetDocument.parse(stored.data);

export const noAllocations = (scope: string, day: string, limit: NanoUsd): BudgetDocument => ({
  scope,
  day,
  limitNanoUsd: limit,
  grants: {},
  writes: 0,
  expireAt: new Date(Date.parse(day) + KEPT_MS),
});

export const committed = ({ grants }: BudgetDocument): NanoUsd =>
  Object.values(grants).reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);

/** Whether somebody else may still give something back. */
export const othersHold = ({ grants }: BudgetDocument, owner: string, nowMs: number): number | undefined => {
  const live = Object.entries(grants).flatMap(([name, { expiresAt }]) =>
    name !== owner && expiresAt !== null && expiresAt.getTime() > nowMs ? [expiresAt.getTime()] : [],
  );
  return live.length > 0 ? Math.min(...live) : undefined;
};

const expiredOwners = ({ grants }: BudgetDocument, nowMs: number): string[] =>
  Object.entries(grants)
    .filter(([, { expiresAt }]) => expiresAt !== null && expiresAt.getTime() <= nowMs)
    .map(([owner]) => owner);

/** What an owner has spent of a budget, by its own spend log. */
export async function spentBy(
  documents: Documents,
  { day, scope }: Pick<BudgetDocument, 'day' | 'scope'>,
  owner: string,
): Promise<NanoUsd> {
  const shard = await documents.get(shardPath(day, owner));
  const scopes = shard?.data['scopes'] as Record<string, number> | undefined;
  return scopes?.[scope] ?? 0;
}

/** Cuts expired grants down to what their owners spent by their own spend log; undefined when there was none. */
export async function withoutExpired(
  documents: Documents,
  document: BudgetDocument,
  nowMs: number,
): Promise<BudgetDocument | undefined> {
  const owners = expiredOwners(document, nowMs);
  if (owners.length === 0) return undefined;
  const grants = { ...document.grants };
  for (const owner of owners) {
    const spent = await spentBy(documents, document, owner);
    const granted = grants[owner]?.nanoUsd ?? 0;
    grants[owner] = { nanoUsd: Math.min(granted, spent), expiresAt: null };
  }
  return { ...document, grants };
}

/**
 * Gives back what instances that are gone held of the budgets of the day; for `sweep`. An instance short of money does
 * the same for itself. Resolves with the nano-dollars that became free. Throws STORE_UNAVAILABLE.
 */
export async function reclaimExpired(documents: Documents, day: string, nowMs: number): Promise<NanoUsd> {
  let freed = 0;
  const stored = await documents.query('spend', {
    where: [{ field: 'day', op: '==', value: day }],
    limit: 1_000,
  });
  for (const one of stored) {
    const before = readAllocations(one);
    const after = await withoutExpired(documents, before, nowMs);
    if (!after) continue;
    const written = await documents.compareAndSet(
      allocationsPath(before.scope, day),
      { grants: after.grants, writes: after.writes + 1 },
      one.version,
    );
    // Someone else was at it; what is left is found by the next sweep.
    if (written !== 'stale') freed += committed(before) - committed(after);
  }
  return freed;
}
