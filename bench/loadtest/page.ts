import { escaped } from '../../shared/base/markup.ts';
import { bars, dots, type Point, show } from './charts.ts';
import { latencyOf, type Sample, STAGES } from './sample.ts';
import type { LevelSummary } from './summary.ts';

export interface LoadReport {
  at: string;
  command: string;
  target: string;
  machine: string;
  node: string;
  targetMs: number;
  levels: LevelSummary[];
  notes: string[];
}

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1c2430; --line: #d5dae1; --c0: #2563c4; --c1: #c2571a; --c2: #8a3ffc; --c3: #1a7f5a; --c4: #b0305c; --c5: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --back: #12161c; --text: #e4e8ee; --line: #37414e; --c0: #74a9ff; --c1: #ff9d5c; --c2: #c39bff; --c3: #4ecf9c; --c4: #ff8fb3; --c5: #a6adb8; } }
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem; text-align: right; white-space: nowrap; } th:first-child, td:first-child { text-align: left; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1rem; } figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: .7rem; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
.legend { margin: 0; display: flex; flex-wrap: wrap; gap: 1rem; } .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; } code { overflow-wrap: anywhere; }`;

/** One file that shows itself anywhere: no script, nothing loaded. */
export function page(report: LoadReport, samples: readonly (readonly Sample[])[]): string {
  const { at, command, target, machine, node, levels, notes } = report;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Load test</title><style>${STYLE}</style>
<h1>Load test of ${escaped(target)}</h1>
<p>${escaped(at)}, ${escaped(machine)}, Node ${escaped(node)}<br><code>${escaped(command)}</code></p>
${notes.map((note) => `<p>${escaped(note)}</p>`).join('\n')}
${table(report)}
<h2>Latency by stage</h2>
${stageTable(levels)}
<div class="charts">${charts(levels, samples).join('\n')}</div>
</html>
`;
}

const HEADS = [
  'Level',
  'Sent',
  'Succeeded',
  'Failed',
  'Average ms',
  'p50',
  'p95',
  'p99',
  'Per second',
  'Goodput',
  'Retries',
  'Tokens',
  'USD per 1000',
];

function table({ levels, targetMs }: LoadReport): string {
  const rows = levels.map((level) => [
    level.saturated ? `${level.name} (saturated)` : level.name,
    String(level.sent),
    String(level.succeeded),
    failures(level.failed),
    ...[level.total.average, level.total.p50, level.total.p95, level.total.p99].map(show),
    show(level.perSecond),
    show(level.goodPerSecond),
    String(level.retries),
    show(level.tokens),
    show(level.usdPer1000),
  ]);
  return `${tableOf(HEADS, rows)}<p>Goodput: successes per second within ${show(targetMs)} ms. Latency counts from when a picture was due; failures are included.</p>`;
}

const stageTable = (levels: readonly LevelSummary[]): string =>
  tableOf(
    ['Level', 'Stage', 'Average ms', 'p50', 'p95', 'p99'],
    levels.flatMap(({ name, stages }) =>
      STAGES.map((stage) => {
        const { average, p50, p95, p99 } = stages[stage];
        return [name, stage, ...[average, p50, p95, p99].map(show)];
      }),
    ),
  );

const failures = (failed: LevelSummary['failed']): string =>
  Object.entries(failed)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ') || '0';

const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th>${escaped(head)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table></div>`;

function charts(levels: readonly LevelSummary[], samples: readonly (readonly Sample[])[]): string[] {
  const names = levels.map(({ name }) => name);
  const of = (pick: (level: LevelSummary) => number) => levels.map(pick);
  return [
    bars('Latency', 'ms', names, [
      { name: 'p50', values: of(({ total }) => total.p50) },
      { name: 'p95', values: of(({ total }) => total.p95) },
      { name: 'p99', values: of(({ total }) => total.p99) },
    ]),
    bars('Throughput', 'images/s', names, [
      { name: 'all', values: of(({ perSecond }) => perSecond) },
      { name: 'goodput', values: of(({ goodPerSecond }) => goodPerSecond) },
    ]),
    bars(
      'Where the time goes, on average',
      'ms',
      names,
      STAGES.map((stage) => ({ name: stage, values: of(({ stages }) => stages[stage].average) })),
      true,
    ),
    dots('Latency over the level', 'ms', names, samples.flatMap(pointsOf)),
  ];
}

function pointsOf(samples: readonly Sample[], group: number): Point[] {
  const from = Math.min(...samples.map(({ dueAt }) => dueAt));
  return samples.map((sample) => ({ x: (sample.endedAt - from) / 1_000, y: latencyOf(sample), group }));
}
