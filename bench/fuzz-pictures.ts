import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAll, type Met } from './fuzz-pictures/lanes.ts';
import { type Mutant, mutantOf } from './fuzz-pictures/mutations.ts';
import { makeSeeds, type Seed } from './fuzz-pictures/seeds.ts';
import type { Fault } from './fuzz-pictures/verdict.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

const COUNTS = { short: 378, long: 5_670 };
const FAULTS: readonly Fault[] = ['crash', 'hang', 'memory', 'stored though cut off', 'no final refusal'];

/** Unsound pictures of every kind that is accepted, the same ones each time, through the decoders in processes of their own: each kind with each mutation, twice in a short run, 30 times in a long one. */
export async function run(options: BenchOptions): Promise<Report> {
  const count = options.short ? COUNTS.short : COUNTS.long;
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-pictures-'));
  const seeds = await makeSeeds();
  const began = performance.now();
  const met = await decodeAll(mutants(seeds, count), {
    folder,
    lanes: Math.max(2, Math.min(4, availableParallelism())),
    onEach: (done) => {
      if (done % 1_000 === 0) options.progress(`${done} of ${count} pictures`);
    },
  });
  const seconds = (performance.now() - began) / 1000;
  // Findings are no matter of speed: a pipeline that runs this must notice.
  if (met.findings.length > 0) process.exitCode = 1;
  else await rm(folder, { recursive: true });
  return report('fuzz-pictures', options, figures(met, count, seconds), notes(met, seeds));
}

function* mutants(seeds: readonly Seed[], count: number): Generator<Mutant> {
  for (let number = 0; number < count; number += 1) yield mutantOf(seeds, number);
}

function figures({ findings, outcomes }: Met, count: number, seconds: number) {
  const most = (of: (outcome: Met['outcomes'][number]['outcome']) => number) =>
    outcomes.reduce((highest, { outcome }) => Math.max(highest, of(outcome)), 0);
  return [
    ...FAULTS.map((fault) =>
      atMost(fault, findings.filter((it) => it.fault === fault).length, 0, 'pictures'),
    ),
    figure('unsound pictures', count, 'pictures'),
    figure('slowest', most(({ cpuMs }) => cpuMs) / 1000, 'CPU s'),
    figure(
      'most memory, above that of the idle process',
      most(({ grownMiB }) => grownMiB),
      'MiB',
    ),
    figure('rate', count / seconds, 'pictures/s'),
  ];
}

function notes({ findings, outcomes }: Met, seeds: readonly Seed[]): string[] {
  const codes = new Map<string, number>();
  for (const { outcome } of outcomes) {
    const code = outcome.code ?? 'prepared';
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return [
    `${seeds.length} sound pictures of their own kinds; ${[...codes].map(([code, times]) => `${code} ${times}`).join(', ')}`,
    ...findings
      .slice(0, 20)
      .map(({ fault, name, path, details }) => `${fault}: ${name}, ${path}: ${details}`),
  ];
}
