import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from '../build/bundle.ts';
import { delay } from '../shared/base/resilience/delay.ts';
import { LocalRun } from './local-run.ts';
import { photo } from './photo.ts';
import { atMost, type BenchOptions, type Report, report } from './report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The most files of ours that one small picture without a retry may run through. */
const GOALS = { 'resize-image': 25, 'analyze-image': 50 } as const;

type FunctionName = keyof typeof GOALS;

/** A part of V8's report (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage). */
interface ScriptCoverage {
  url: string;
  functions: { ranges: { startOffset: number; count: number }[] }[];
}

/**
 * How many of our files run for one picture, by V8's own counts: each stage starts with coverage on, and a file counts
 * when one of its functions ran between the arrival of the event and its answer. Only files that are deployed with the
 * function count: the local cloud watches over its doors with others in the same process.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-path-'));
  try {
    options.progress('one picture through both stages, counted by V8');
    await onePicture(folder);
    const stages = await executedIn(folder);
    const names = Object.keys(GOALS) as FunctionName[];
    const counted = await Promise.all(
      names.map(async (name) => {
        const { sources } = await bundle(name, await mkdtemp(join(folder, 'bundle-')));
        return { name, files: filesOf(stages, name).filter((file) => sources.includes(file)) };
      }),
    );
    return report(
      'path',
      options,
      counted.map(({ name, files }) =>
        atMost(`files of ours, one picture, ${name}`, files.length, GOALS[name], 'files'),
      ),
      counted.map(({ name, files }) => `${name}: ${files.join(', ')}`),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onePicture(folder: string): Promise<void> {
  const takeCoverage = pathToFileURL(join(root, 'bench/path/take-coverage.ts')).href;
  const env = { NODE_OPTIONS: `--import=${takeCoverage}`, PATH_COVERAGE: folder };
  const local = await LocalRun.start({
    functionEnv: { 'resize-image': env, 'analyze-image': { ...env, DAILY_BUDGET_USD: '5' } },
  });
  try {
    await local.one('describe/path.jpg', await photo(640, 480));
    await answered(folder);
  } finally {
    await local.close();
  }
}

/** A document is complete a moment before its event is answered and the counts are written. */
async function answered(folder: string): Promise<void> {
  const names = Object.keys(GOALS) as FunctionName[];
  for (let tries = 0; tries < 50; tries += 1) {
    const stages = await executedIn(folder);
    if (names.every((name) => filesOf(stages, name).length > 0)) return;
    await delay(100);
  }
}

/** Of each counted event, the files of ours that ran. */
async function executedIn(folder: string): Promise<string[][]> {
  const reports = await readdir(folder);
  return Promise.all(
    reports.map(async (name) => {
      const scripts = JSON.parse(await readFile(join(folder, name), 'utf8')) as ScriptCoverage[];
      return scripts.filter(hasRun).flatMap(({ url }) => ours(url));
    }),
  );
}

/** A module's own body begins at the file's first character; it ran when the module was loaded. */
const hasRun = ({ functions }: ScriptCoverage): boolean =>
  functions.some(({ ranges: [whole] }) => whole !== undefined && whole.startOffset > 0 && whole.count > 0);

function ours(url: string): string[] {
  if (!url.startsWith('file:')) return [];
  const path = relative(root, fileURLToPath(url)).replaceAll('\\', '/');
  return /^(functions|shared)\//.test(path) ? [path] : [];
}

const filesOf = (stages: readonly string[][], name: FunctionName): string[] =>
  stages.find((files) => files.includes(`functions/${name}/handler.ts`))?.toSorted() ?? [];
