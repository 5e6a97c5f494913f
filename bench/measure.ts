import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

/** What one run cost. Milliseconds. */
export interface Cost {
  cpuMs: number;
  wallMs: number;
}

/** CPU of all threads of this process and wall time, while `work` runs alone. */
export async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - started };
}

/**
 * Runs every contender once a round, A B C A B C ..., so that whatever else the machine does falls on all alike.
 * The first round warms up and is thrown away.
 */
export async function alternate<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<Cost>>>,
  rounds: number,
): Promise<Record<Name, Cost[]>> {
  const names = Object.keys(contenders) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const cost = await contenders[name]();
      if (round >= 0) costs[name].push(cost);
    }
  }
  return costs;
}

/** Clock ticks of /proc are hundredths of a second on every Linux (sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;

/** CPU milliseconds that a process has used so far, all threads; NaN where /proc does not exist. In steps of 10 ms. */
export function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}

/** Most memory that a process ever held, in MiB; NaN where /proc does not exist. `maxRSS` would include its parent's. */
export function peakMemoryOf(pid: number | 'self'): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Memory that a process holds now, in MiB; NaN where /proc does not exist. */
export function memoryOf(pid: number | 'self'): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Processes that wanted to run, on average over the last minute: figures of a busy machine are marked by it. */
export const loadNow = (): number => loadavg()[0] ?? 0;

export const mebibytes = (bytes: number): number => bytes / 1_048_576;

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
