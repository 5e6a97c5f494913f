/**
 * How a call is served and what it costs: `standard` in seconds; `flex` for half the price in minutes, refused when
 * capacity is short; `batch` for half the price in hours; `priority` dearer, before the others.
 */
export const LANES = ['standard', 'flex', 'batch', 'priority'] as const;

export type Lane = (typeof LANES)[number];

/** Those that answer the call itself. */
export const SYNCHRONOUS_LANES = ['standard', 'flex', 'priority'] as const satisfies readonly Lane[];

export type SynchronousLane = (typeof SYNCHRONOUS_LANES)[number];
