import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { nearestRank } from '../shared/base/nearest-rank.ts';
import { loadNow } from './measure.ts';

/** One measured figure and, where there is one, the goal it is held against. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** e.g. `<= 250`. */
  goal?: string;
  met?: boolean;
}

export interface BenchOptions {
  /** A run of seconds that shows that the benchmark still works; its figures are not for quoting. */
  short: boolean;
  /** Progress for people, on stderr. */
  progress: (line: string) => void;
}

export interface Report {
  bench: string;
  command: string;
  machine: string;
  node: string;
  /** Processes that wanted to run, on average over the last minute of the run: more than ours means a busy machine. */
  load: number;
  short: boolean;
  figures: Figure[];
  notes: string[];
}

export const median = (values: readonly number[]): number => percentile(values, 50);

/** Nearest-rank percentile; NaN of nothing. */
export const percentile = (values: readonly number[], p: number): number =>
  nearestRank(
    values.toSorted((a, b) => a - b),
    p / 100,
  );

const round = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));

export const atMost = (name: string, value: number, limit: number, unit: string): Figure => ({
  name,
  value: round(value),
  unit,
  goal: `<= ${limit}`,
  met: value <= limit,
});

export const atLeast = (name: string, value: number, limit: number, unit: string): Figure => ({
  name,
  value: round(value),
  unit,
  goal: `>= ${limit}`,
  met: value >= limit,
});

export const figure = (name: string, value: number, unit: string): Figure => ({
  name,
  value: round(value),
  unit,
});

interface Flags {
  names: string[];
  json: boolean;
  /** As a section for bench/README.md. */
  markdown: boolean;
  short: boolean;
  /** A git ref whose code is measured in turns with this one. */
  against: string | undefined;
}

/** Flags that every benchmark takes. */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      against: { type: 'string' },
    },
  });
  const { json, markdown, short, against } = values;
  return { names: positionals, json, markdown, short, against };
}

export function report(
  bench: string,
  options: BenchOptions,
  figures: Figure[],
  notes: string[] = [],
): Report {
  const [cpu] = cpus();
  return {
    bench,
    command: `npm run bench ${bench} -- --json${options.short ? ' --short' : ''}`,
    machine: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform}`,
    node: process.version,
    load: Number(loadNow().toFixed(1)),
    short: options.short,
    figures,
    notes,
  };
}

/** A report as aligned lines. */
function toText({ bench, command, machine, node, load, figures, notes }: Report): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const lines = figures.map(
    ({ name, value, unit, goal, met }) =>
      `  ${name.padEnd(width)}  ${String(value).padStart(8)} ${unit}${goal === undefined ? '' : `   goal ${goal} ${met ? 'met' : 'MISSED'}`}`,
  );
  return [
    `${bench} (${command}; ${machine}; Node ${node}; load ${load})`,
    ...lines,
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

/** A report as a section of a Markdown page. */
function toMarkdown({ bench, command, machine, node, load, figures, notes }: Report): string {
  const rows = figures.map(
    ({ name, value, unit, goal, met }) =>
      `| ${name} | ${value} ${unit} | ${goal ?? ''} | ${met === undefined ? '' : met ? 'met' : '**missed**'} |`,
  );
  const day = new Date().toISOString().slice(0, 10);
  return [
    `### ${bench}\n`,
    `\`${command}\`, ${day}, ${machine}, Node ${node}, load ${load}\n`,
    '| figure | value | goal | |\n|---|---|---|---|',
    ...rows,
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

/** A report in the form that the flags ask for. */
export const shown = (made: Report, { json, markdown }: Flags): string =>
  json ? JSON.stringify(made) : markdown ? toMarkdown(made) : toText(made);
