/**
 * How a call is served and what it costs: `standard` in seconds; `flex` for half the price in minutes, refused when
 * capacity is short; `batch` for half the price in hours; `priority` dearer, before the others.
 */
export const LANES = ['standard', 'flex', 'batch', 'priority'] as const;

export type Lane = (typeof LANES)[number];

/** From fast to slow; priority pays for room, and is as fast as standard where there is some. */
const SLOWNESS: Readonly<Record<Lane, number>> = { priority: 0, standard: 0, flex: 1, batch: 2 };

/** Whether answers of the first lane take longer than those of the second; absent is `standard`. */
export const isSlower = (one: Lane = 'standard', other: Lane = 'standard'): boolean =>
  SLOWNESS[one] > SLOWNESS[other];

/** Those that answer the call itself. */
export const SYNCHRONOUS_LANES = ['standard', 'flex', 'priority'] as const satisfies readonly Lane[];

export type SynchronousLane = (typeof SYNCHRONOUS_LANES)[number];
