import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BenchOptions, median, type Report } from './report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** Runs of each side. That four of one side all lie on the same side of the four others is chance once in 35 times. */
const ROUNDS = 4;
/** What is smaller than this is not worth telling. */
const LEAST_CHANGE = 0.02;

interface Change {
  name: string;
  unit: string;
  /** Medians. */
  before: number;
  after: number;
  /** All runs of one side lie beyond all runs of the other. */
  beyondNoise: boolean;
}

/** The same benchmark on the code of a git ref and on this one, in turns: before, after, before, after ... */
export async function against(ref: string, bench: string, options: BenchOptions): Promise<Change[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-against-'));
  const old = join(folder, 'code');
  try {
    await run('git', ['worktree', 'add', '--detach', old, ref], { cwd: root });
    await symlink(join(root, 'node_modules'), join(old, 'node_modules'));
    // Today's ruler for both: else a changed benchmark would look like changed code.
    await rm(join(old, 'bench'), { recursive: true, force: true });
    await cp(join(root, 'bench'), join(old, 'bench'), { recursive: true });
    const before: Report[] = [];
    const after: Report[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      before.push(await once(old, bench, options.short));
      after.push(await once(root, bench, options.short));
      options.progress(`${bench}: round ${round} of ${ROUNDS} is over`);
    }
    return changes(before, after);
  } finally {
    await run('git', ['worktree', 'remove', '--force', old], { cwd: root }).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

async function once(cwd: string, bench: string, short: boolean): Promise<Report> {
  const args = ['bench/main.ts', bench, '--json', ...(short ? ['--short'] : [])];
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd,
    maxBuffer: 100_000_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report;
}

/** Figures that both sides have, in the order of the newer side. */
export function changes(before: readonly Report[], after: readonly Report[]): Change[] {
  const valuesOf = (reports: readonly Report[], name: string) =>
    reports.flatMap(({ figures }) => figures.filter((one) => one.name === name).map(({ value }) => value));
  return (after[0]?.figures ?? []).flatMap(({ name, unit }) => {
    const [old, now] = [valuesOf(before, name), valuesOf(after, name)];
    if (old.length < before.length || now.length < after.length) return [];
    const [oldMedian, nowMedian] = [median(old), median(now)];
    const apart = Math.max(...old) < Math.min(...now) || Math.max(...now) < Math.min(...old);
    const large = Math.abs(nowMedian - oldMedian) > LEAST_CHANGE * Math.abs(oldMedian);
    return [{ name, unit, before: oldMedian, after: nowMedian, beyondNoise: apart && large }];
  });
}

export function changesToText(bench: string, ref: string, found: readonly Change[]): string {
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  const lines = found.map(({ name, unit, before, after, beyondNoise }) => {
    const percent =
      before === 0
        ? ''
        : ` (${after >= before ? '+' : ''}${(((after - before) / Math.abs(before)) * 100).toFixed(1)} %)`;
    return `  ${beyondNoise ? '*' : ' '} ${name.padEnd(width)}  ${before} -> ${after} ${unit}${percent}`;
  });
  return [`${bench} against ${ref}; * = beyond noise`, ...lines].join('\n');
}
