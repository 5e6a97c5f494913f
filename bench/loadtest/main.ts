import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { show } from './charts.ts';
import { drive, progressLine } from './drive.ts';
import { type LoadOptions, nameOf, readOptions, USAGE } from './options.ts';
import { type LoadReport, page } from './page.ts';
import type { Sample } from './sample.ts';
import { type LevelSummary, summarize } from './summary.ts';
import { openTarget } from './target.ts';

const PROGRESS_MS = 1_000;

/** What a picture may cost with the default ladder and every step asked, rounded up; only for the question before. */
const DEAREST_PICTURE_USD = 0.01;

const options = readOrExit();
if (!(await isAllowed(options))) {
  console.error('Nothing was sent. Repeat it with --yes to confirm.');
  process.exit(2);
}
const report = await runLevels(options);
console.log(options.json ? JSON.stringify(report) : toText(report));

function readOrExit(): LoadOptions {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit();
  }
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** A deployment costs somebody money: it is said how much at most, and asked. */
async function isAllowed({ target, levels, images, maxUsd, confirmed }: LoadOptions): Promise<boolean> {
  if (target === 'local') return true;
  const count = levels.length * images;
  const most = Math.min(maxUsd, count * DEAREST_PICTURE_USD);
  console.error(`This sends up to ${count} pictures to ${target} and ends when about $${most} are spent.`);
  if (confirmed) return true;
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Type yes to go on: ');
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}

async function runLevels(load: LoadOptions): Promise<LoadReport> {
  const target = await openTarget(load);
  const summaries: LevelSummary[] = [];
  const samples: Sample[][] = [];
  let spentUsd = 0;
  let first = 0;
  try {
    for (const level of load.levels) {
      const ended: Sample[] = [];
      let shownAt = 0;
      const driven = await drive(level, first, {
        images: load.images,
        send: target.send,
        mustStop: () => load.target !== 'local' && spentUsd >= load.maxUsd,
        onSample: (sample, underWay) => {
          spentUsd += sample.usd;
          ended.push(sample);
          if (performance.now() - shownAt < PROGRESS_MS) return;
          shownAt = performance.now();
          console.error(`${nameOf(level)}: ${progressLine(ended, underWay)}`);
        },
      });
      first += load.images;
      samples.push(driven.samples);
      summaries.push(summarize(level, driven, load.targetMs));
      // What follows would only be worse.
      if (driven.saturated) break;
    }
  } finally {
    await target.close();
  }
  return write(load, summaries, samples);
}

async function write(load: LoadOptions, levels: LevelSummary[], samples: Sample[][]): Promise<LoadReport> {
  const made: LoadReport = {
    at: new Date().toISOString(),
    command: `npm run loadtest -- ${process.argv.slice(2).join(' ')}`.trim(),
    target: load.target,
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${process.platform}`,
    node: process.version,
    targetMs: load.targetMs,
    levels,
    notes: [
      `${load.megapixels} MP photos, profile ${load.profile}; the first tenth of each level warms up and is not counted.`,
      ...(load.target === 'local'
        ? [
            `The simulated model answers in ${load.modelMs} ms. All servers, functions and this test share one machine.`,
          ]
        : []),
    ],
  };
  if (load.reportFolder !== undefined) {
    await mkdir(load.reportFolder, { recursive: true });
    await writeFile(join(load.reportFolder, 'report.html'), page(made, samples));
    await writeFile(join(load.reportFolder, 'report.json'), `${JSON.stringify(made, undefined, 2)}\n`);
    console.error(`Written to ${join(load.reportFolder, 'report.html')} and report.json.`);
  }
  return made;
}

function toText({ command, machine, levels, notes }: LoadReport): string {
  const lines = levels.map(
    ({ name, total, ...level }) =>
      `  ${name}${level.saturated ? ' (saturated)' : ''}: ${level.succeeded} of ${level.sent} in p50 ${show(total.p50)}, p95 ${show(total.p95)}, p99 ${show(total.p99)} ms; ${show(level.perSecond)}/s, goodput ${show(level.goodPerSecond)}/s; failed ${JSON.stringify(level.failed)}; ${level.retries} retries; $${show(level.usdPer1000)} per 1000`,
  );
  return [`${command} (${machine})`, ...lines, ...notes.map((note) => `  note: ${note}`)].join('\n');
}
