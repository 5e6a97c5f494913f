import type { Lane } from '../../shared/prices/lanes.ts';

/** What an upload says of its lane and its patience. */
export interface Wish {
  metadata: Readonly<Record<string, string>>;
  /** The lane that it is to go by. */
  lane: Lane;
  /** Milliseconds; undefined in the standard lane, which has none. */
  patienceMs?: number;
}

/** How many seconds people wait in a run, instead of minutes and hours: least and most. */
const SECONDS = { flex: [60, 120], batch: [60, 150] } as const;

/** Of the pictures of a lane that name it. */
const UNNAMED_SHARE = 0.2;

const USUAL: Readonly<Record<'flex' | 'batch', { patience: string; ms: number }>> = {
  flex: { patience: '15m', ms: 900_000 },
  batch: { patience: '24h', ms: 86_400_000 },
};

/** Of the lanes named, priority is wished for least. */
const WEIGHTS: Readonly<Record<Lane, number>> = { standard: 3, flex: 3, batch: 3, priority: 1 };

/** One upload after another: some name the lane, some a patience, some neither. */
export function createWishes(lanes: readonly Lane[], random: () => number): () => Wish {
  const bag = lanes.flatMap((lane) => Array.from({ length: WEIGHTS[lane] }, () => lane));
  return () => {
    const lane = bag[Math.floor(random() * bag.length)] ?? 'standard';
    return wishFor(lane, random);
  };
}

function wishFor(lane: Lane, random: () => number): Wish {
  const isUnnamed = random() < UNNAMED_SHARE;
  if (lane === 'standard') return { lane, metadata: isUnnamed ? { patience: '60s' } : {} };
  if (lane === 'priority') return { lane, metadata: { lane, patience: '60s' }, patienceMs: 60_000 };
  if (isUnnamed) {
    const { patience, ms } = USUAL[lane];
    return { lane, metadata: { patience }, patienceMs: ms };
  }
  const [least, most] = SECONDS[lane];
  const seconds = least + Math.floor(random() * (most - least + 1));
  return { lane, metadata: { lane, patience: `${seconds}s` }, patienceMs: seconds * 1_000 };
}
