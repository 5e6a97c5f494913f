import { randomUUID } from 'node:crypto';
import type { HoldForContext } from '../../shared/gemini/context-ledger.ts';
import type { NanoUsd } from '../../shared/prices/money.ts';
import type { Books, Entry } from '../../shared/spend/books.ts';
import type { LateBookings } from '../../shared/spend/late-bookings.ts';
import type { Purse, Treasury } from '../../shared/spend/purse.ts';

/** A context cache belongs to no image and no uploader; it is booked under this name of a profile. */
const CONTEXT_PROFILE = '(context cache)';

/** Nothing ends it before its time: a reservation for a cache waits for nothing. */
const NEVER = new AbortController().signal;

/** Money for context caches: from the pipeline's budget of the day, reserved, settled and booked as that of calls is. */
export const createHoldForContext =
  (treasury: Treasury, books: Books, late: Pick<LateBookings, 'book'>): HoldForContext =>
  async (atMost) => {
    const purse = await treasury.purseFor({ profile: CONTEXT_PROFILE, uploader: null });
    const reservation = await purse.reserve([atMost], NEVER, { waitMs: 0 });
    const settle = async (model: string, cost: Cost): Promise<void> => {
      const nanos = 'billed' in cost ? cost.billed : cost.lost;
      reservation.settle(nanos);
      if (nanos > 0) await late.book(randomUUID(), books.write(entryOf(purse, model, cost)));
    };
    return {
      billed: (model, billed) => settle(model, { billed }),
      lost: (model, lost) => settle(model, { lost }),
    };
  };

type Cost = { billed: NanoUsd } | { lost: NanoUsd };

const entryOf = ({ day, scopes }: Purse, model: string, cost: Cost): Entry => ({
  day,
  scopes,
  profile: CONTEXT_PROFILE,
  uploader: null,
  ended: false,
  cacheHit: false,
  calls: 'billed' in cost ? [{ model, tokens: null, nanos: cost.billed }] : [],
  estimated: 0,
  lost: 'lost' in cost ? cost.lost : 0,
  savedByCache: 0,
  topStep: 0,
  bytesIn: 0,
  bytesOut: 0,
});
