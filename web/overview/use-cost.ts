import { useEffect, useState } from 'preact/hooks';
import type { CostView } from '../../shared/results/api/figures.ts';
import { getCost, RequestFailed } from '../server/requests.ts';

const COST_DAYS = 14;
const REFRESH_MS = 30_000;

interface KnownCost {
  today: CostView | undefined;
  fortnight: CostView | undefined;
  problem: RequestFailed | undefined;
}

/** The books of today and of two weeks, kept fresh while somebody looks. */
export function useCost(): KnownCost {
  const [known, setKnown] = useState<KnownCost>({
    today: undefined,
    fortnight: undefined,
    problem: undefined,
  });
  useEffect(() => {
    let isOpen = true;
    const read = async () => {
      if (document.visibilityState !== 'visible') return;
      try {
        const [today, fortnight] = await Promise.all([getCost(1), getCost(COST_DAYS)]);
        if (isOpen) setKnown({ today, fortnight, problem: undefined });
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (isOpen) setKnown((before) => ({ ...before, problem: error }));
      }
    };
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, []);
  return known;
}
