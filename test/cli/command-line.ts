import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalCloudOptions } from '../../local/cloud.ts';
import { writeEndpoints } from '../../local/endpoints.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A running `pipeline` process and what it has said so far. */
export interface Running {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  ended: Promise<Ended>;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** This cloud runs no api; nothing listens here, whatever else runs on the machine. */
export const NO_PAGE = 'http://127.0.0.1:9';

/** Only what a shell would give: no variable of the test run leads the command anywhere. */
const BARE_ENV = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TZ: 'UTC', LANG: 'C.UTF-8' };

export function startCommand(args: readonly string[], options: RunOptions = {}): Running {
  return watched(
    spawn(process.execPath, [PIPELINE, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...BARE_ENV, ...options.env },
    }),
  );
}

export const runCommand = (args: readonly string[], options?: RunOptions): Promise<Ended> =>
  startCommand(args, options).ended;

function watched(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Whether `script` of util-linux is here, which gives a command a terminal. */
export const hasTerminal = ((): boolean => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

/** Runs the command on a terminal of 100 columns; what it writes to stdout and stderr comes together. */
export function runOnTerminal(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const command = [process.execPath, PIPELINE, ...args].map((part) => `'${part}'`).join(' ');
  return watched(
    spawn('script', ['-qefc', `stty cols 100; ${command}`, '/dev/null'], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...BARE_ENV, TERM: 'xterm-256color', ...options.env },
    }),
  ).ended;
}

/** A local cloud that the command line finds, with a programmable model. */
export interface CliCloud extends Pipeline {
  /** A folder for pictures, empty at first. */
  photos: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  start(args: readonly string[], options?: RunOptions): Running;
  runOnTerminal(args: readonly string[], options?: RunOptions): Promise<Ended>;
}

export async function startCliCloud(options: Partial<LocalCloudOptions> = {}): Promise<CliCloud> {
  const pipeline = await startPipeline(options);
  const { cloud, dataDir } = pipeline;
  await writeEndpoints(dataDir, {
    page: NO_PAGE,
    storage: cloud.storage.url,
    firestore: cloud.firestore.host,
    pubsub: cloud.pubsub.url,
    gemini: pipeline.model.url,
    clientEnv: { ...cloud.clientEnv },
  });
  const photos = await mkdtemp(join(tmpdir(), 'photos-'));
  const here = (options: RunOptions = {}): RunOptions => ({
    cwd: photos,
    ...options,
    env: { PIPELINE_DATA: dataDir, XDG_CACHE_HOME: join(photos, '.cache'), ...options.env },
  });
  return {
    ...pipeline,
    photos,
    run: (args, options) => runCommand(args, here(options)),
    start: (args, options) => startCommand(args, here(options)),
    runOnTerminal: (args, options) => runOnTerminal(args, here(options)),
    close: async () => {
      await pipeline.close();
      await rm(photos, { recursive: true, force: true });
    },
  };
}

export async function until(condition: () => boolean, withinMs = 60_000): Promise<void> {
  const endsAt = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > endsAt) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
