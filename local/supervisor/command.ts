import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A function under the functions-framework CLI, as it runs in the cloud. */
export interface FunctionProcess {
  kind: 'function';
  /** e.g. 'resize-image' */
  name: string;
  /** Absolute path of functions/<name>/index.ts. */
  source: string;
  /** Name the function is registered or exported under. */
  target: string;
  port: number;
  env: Record<string, string>;
}

/** A plain Node script that serves HTTP, e.g. the Gemini simulator. */
export interface ScriptProcess {
  kind: 'script';
  name: string;
  /** Absolute path. */
  script: string;
  args: string[];
  /** Any answer of this URL means the script is up. */
  readyUrl: string;
  env: Record<string, string>;
}

export type ManagedProcess = FunctionProcess | ScriptProcess;

export interface Command {
  /** Arguments of `process.execPath`. */
  args: string[];
  env: Record<string, string>;
  readyUrl: string;
}

/**
 * What a child inherits. The rest of its environment is stated by its owner, as in the cloud: a key in the shell of
 * the user who starts the local cloud must not reach every function.
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'TZ',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_ENV_PROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/** The API has doors of its own, and takes further names and origins from its options. */
const preloadsOf = ({ kind, name }: ManagedProcess): string[] =>
  [
    'exit-with-parent.ts',
    'loopback-only.ts',
    ...(kind === 'function' && name !== 'api' ? ['own-doors-only.ts'] : []),
  ].flatMap((file) => ['--import', new URL(file, import.meta.url).href]);

const frameworkMain = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')), 'main.js');

export const commandOf = (child: ManagedProcess, inherited: NodeJS.ProcessEnv = process.env): Command => {
  const flags = ['--disable-warning=ExperimentalWarning', ...preloadsOf(child)];
  // glibc's per-thread arenas cost sharp a quarter to a third of its peak memory and bring nothing.
  const env = { ...pick(inherited, INHERITED), MALLOC_ARENA_MAX: '2', ...child.env };
  switch (child.kind) {
    case 'function':
      return { args: [...flags, frameworkMain(), ...frameworkArgs(child)], env, readyUrl: readyUrlOf(child) };
    case 'script':
      return { args: [...flags, child.script, ...child.args], env, readyUrl: child.readyUrl };
  }
};

const frameworkArgs = ({ source, target, port }: FunctionProcess): string[] => [
  ...['--source', source],
  ...['--target', target],
  ...['--signature-type', 'http'],
  ...['--port', String(port)],
];

/** The framework answers this path itself (404) for HTTP functions: asking whether it is up runs no user code. */
const readyUrlOf = ({ port }: FunctionProcess): string => `http://127.0.0.1:${port}/robots.txt`;

const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> => {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
};
