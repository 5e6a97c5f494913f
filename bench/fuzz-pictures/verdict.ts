/** What a decoding process says of one picture. */
export interface Outcome {
  /** Undefined where a picture was prepared. */
  code?: string | undefined;
  message?: string | undefined;
  /** Of all its threads: on a busy machine a picture may wait longer than it takes. */
  cpuMs: number;
  /** How far its resident memory rose at most, in MiB; NaN where that cannot be measured. */
  grownMiB: number;
  /** How far it may rise for what the picture declares. */
  boundMiB: number;
}

/** How a process ended that gave no outcome. */
export type Ending = { killedAfterMs: number } | { exit: string };

const MAX_CPU_MS = 30_000;

/** Refusals for good: the picture will never be tried again. */
const FINAL = new Set([
  'NOT_AN_IMAGE',
  'UNSUPPORTED_FORMAT',
  'TOO_MANY_PIXELS',
  'CORRUPT_IMAGE',
  'TOO_COMPLEX',
]);

export type Fault = 'crash' | 'hang' | 'memory' | 'stored though cut off' | 'no final refusal';

/** What is wrong with how a picture was met; undefined if nothing is. */
export function faultOf(met: Outcome | Ending, isCutOff: boolean): Fault | undefined {
  if ('killedAfterMs' in met) return 'hang';
  if ('exit' in met) return 'crash';
  if (met.cpuMs > MAX_CPU_MS || met.code === 'RESIZE_TIMEOUT') return 'hang';
  if (met.grownMiB > met.boundMiB) return 'memory';
  if (met.code === undefined) return isCutOff ? 'stored though cut off' : undefined;
  return FINAL.has(met.code) ? undefined : 'no final refusal';
}
