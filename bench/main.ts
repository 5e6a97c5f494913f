import { against, changesToText } from './against.ts';
import { type BenchOptions, type Report, readFlags, shown } from './report.ts';

/** Each benchmark is a file beside this one; it is loaded only when it is asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ run: (options: BenchOptions) => Promise<Report> }>>> =
  {
    resize: () => import('./resize.ts'),
    event: () => import('./event.ts'),
    'model-client': () => import('./model-client.ts'),
    'cold-start': () => import('./cold-start.ts'),
    growth: () => import('./growth.ts'),
    cost: () => import('./cost.ts'),
    'fuzz-api': () => import('./fuzz-api.ts'),
    'submit-memory': () => import('./submit-memory.ts'),
    pipeline: () => import('./pipeline.ts'),
    path: () => import('./path.ts'),
    profile: () => import('./profile.ts'),
    'fuzz-pictures': () => import('./fuzz-pictures.ts'),
    evaluate: () => import('./evaluate.ts'),
  };

/**
 * `npm run bench [name ...] -- [--json|--markdown] [--short] [--against REF]`: the named benchmarks, or all. `--json` writes one object
 * a line and benchmark; with `--against` each object is the list of changes since that git ref.
 */
const flags = readFlags(process.argv.slice(2));
const unknown = flags.names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}.`,
  );
  process.exit(2);
}
for (const name of flags.names.length > 0 ? flags.names : Object.keys(BENCHES)) {
  const options = { short: flags.short, progress: (line: string) => console.error(line) };
  if (flags.against !== undefined) {
    const found = await against(flags.against, name, options);
    console.log(flags.json ? JSON.stringify(found) : changesToText(name, flags.against, found));
    continue;
  }
  const bench = await BENCHES[name]?.();
  const result = await bench?.run(options);
  if (result) console.log(shown(result, flags));
}
