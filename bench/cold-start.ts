import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildDeployable } from '../build/deployable.ts';
import { functionNames } from '../build/functions.ts';
import { firstAnswer } from './cold-start/first-answer.ts';
import { writeUnbundled } from './cold-start/unbundled.ts';
import { alternate } from './measure.ts';
import { atMost, type BenchOptions, type Figure, figure, median, report } from './report.ts';

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const FRAMEWORK = join(MODULES, '@google-cloud/functions-framework/build/src/main.js');

/** From the start of each deployable's process to its first answer, against the same function without bundle and cache. */
export async function run(options: BenchOptions) {
  const figures: Figure[] = [];
  for (const name of await functionNames()) figures.push(...(await oneFunction(name, options)));
  return report('cold-start', options, figures, [
    'Processes start on a warm disk cache; what the platform itself takes to bring up a container comes on top.',
  ]);
}

async function oneFunction(name: string, { short, progress }: BenchOptions): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cold-'));
  try {
    const built = await buildDeployable(name, join(folder, 'dist'));
    await symlink(MODULES, join(built.folder, 'node_modules'));
    await promisify(execFile)(process.execPath, ['start.mjs', '--warm'], { cwd: built.folder });
    const plain = join(folder, 'plain');
    await writeUnbundled(name, plain);
    const source = join(plain, 'functions', name, 'index.js');
    const costs = await alternate(
      {
        bundled: () => firstAnswer(name, built.folder, ['start.mjs']),
        unbundled: () => firstAnswer(name, plain, [FRAMEWORK, `--source=${source}`, `--target=${name}`]),
      },
      short ? 1 : 15,
    );
    const ratio = (pick: 'wallMs' | 'cpuMs') =>
      median(costs.bundled.map((cost, i) => cost[pick] / (costs.unbundled[i]?.[pick] ?? Number.NaN)));
    progress(`${name}: ${ratio('wallMs').toFixed(2)}`);
    return [
      figure(`${name}: bundled, with its compile cache`, median(costs.bundled.map((it) => it.wallMs)), 'ms'),
      figure(`${name}: unbundled`, median(costs.unbundled.map((it) => it.wallMs)), 'ms'),
      atMost(`${name}: of the unbundled time`, ratio('wallMs'), 0.65, 'x'),
      figure(`${name}: of the unbundled CPU`, ratio('cpuMs'), 'x'),
      figure(`${name}: bundle`, built.bundleBytes / 1e6, 'MB'),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
