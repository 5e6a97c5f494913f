import { parseArgs } from 'node:util';
import type { Ports } from './cloud.ts';
import { FUNCTION_NAMES } from './topology.ts';

export interface Settings {
  dataDir: string;
  ports: Required<Ports>;
  geminiApiKey: string | undefined;
  /** The keys that the simulator lets in beside the pipeline's own; empty: any. */
  simulatorKeys: string[];
  fallback: 'none' | 'local-reader';
}

/** `--help`: nothing is to be started. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes('--help') || args.includes('-h');

export const USAGE = `Usage: npm start -- [--port 8080] [--data .local]

  --port N    the page; the other servers take the ports after it (also by PORT)
  --data DIR  where everything is kept (also by PIPELINE_DATA)

With GEMINI_API_KEY set the real Gemini answers; without it, the local reader does.
With SIMULATOR_KEYS=a,b the local reader lets in these keys only, as Gemini would its own.
With FALLBACK=local-reader the local reader steps in while Gemini cannot answer.
Every other variable of the functions counts too (DAILY_BUDGET_USD, MAX_BYTES, …), set in
the shell or in a file .env: docs/settings.md has them all.`;

/** The page's port first, then the servers and functions in this order. */
const ORDER = [
  'api',
  'storage',
  'firestore',
  'pubsub',
  'gemini',
  ...FUNCTION_NAMES.filter((name) => name !== 'api'),
  'tokens',
] as const;

/** Reads arguments and environment; throws an Error with a sentence for people. */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string' }, data: { type: 'string' } },
  });
  const first = Number(values.port ?? env['PORT'] ?? 8080);
  if (!Number.isInteger(first) || first < 1 || first + ORDER.length > 65_535) {
    throw new Error(`The port must be a whole number from 1 to ${65_535 - ORDER.length}.`);
  }
  return {
    dataDir: values.data ?? env['PIPELINE_DATA'] ?? '.local',
    ports: Object.fromEntries(ORDER.map((name, index) => [name, first + index])) as Required<Ports>,
    geminiApiKey: env['GEMINI_API_KEY'] || undefined,
    simulatorKeys: (env['SIMULATOR_KEYS'] ?? '').split(',').filter((key) => key !== ''),
    fallback: readFallback(env['FALLBACK'] || 'none'),
  };
}

function readFallback(value: string): Settings['fallback'] {
  if (value === 'none' || value === 'local-reader') return value;
  throw new Error('FALLBACK must be none or local-reader.');
}
