import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Ended, OutOfTime, type RunOptions, run } from '../command.ts';

/** A program that can be run as often as wanted. */
export interface Program {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** A program that listens on a port of this machine, with where. */
export const listening = (program: Program, port: string): Program => ({
  ...program,
  env: { ...program.env, PORT: port },
});

/** What a language needs is here; or it is not, and why; or it is and our sources do not compile with it. */
export type Toolchain =
  | { kind: 'ready'; programs: Record<string, Program> }
  | { kind: 'absent'; reason: string }
  | { kind: 'broken'; reason: string };

/** What all toolchains are prepared with: a folder that is removed at the end, and the time by which they must be ready. */
export interface Workshop {
  folder: string;
  deadline: number;
}

/** What was downloaded stays here for the next run, of any checkout. */
const CACHE = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'gemini-image-pipeline',
  'clients',
);

/** Runs a program of the preparation, for as long as there is time. */
export const runIn = (
  { deadline }: Workshop,
  command: string,
  args: readonly string[],
  options: Omit<RunOptions, 'withinMs'> = {},
): Promise<Ended> => run(command, args, { ...options, withinMs: Math.max(1, deadline - Date.now()) });

/** The folder `name` of the cache for exactly this content, made by `fill` unless it is there already. */
export async function cached(
  name: string,
  content: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folder = join(CACHE, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  // One that was interrupted must not be taken for whole.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await fill(unfinished);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** A machine that lacks the tool, or the way to what it has to fetch, goes without it; `build` must then succeed. */
export async function prepared(
  fetch: () => Promise<Record<string, Program>>,
  build: () => Promise<unknown> = async () => {},
): Promise<Toolchain> {
  let programs: Record<string, Program>;
  try {
    programs = await fetch();
  } catch (error) {
    return { kind: 'absent', reason: inShort(error) };
  }
  try {
    await build();
  } catch (error) {
    // Out of time says nothing of what was to be built.
    if (error instanceof OutOfTime) return { kind: 'absent', reason: inShort(error) };
    return { kind: 'broken', reason: (error as Error).message };
  }
  return { kind: 'ready', programs };
}

/** What was tried, and the last thing that was said. */
function inShort(error: unknown): string {
  const lines = String((error as Error).message)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const [first = '', last] = [lines[0], lines.length > 1 ? lines.at(-1) : undefined];
  return [first.slice(0, 120), ...(last ? [last.slice(0, 200)] : [])].join(' … ');
}
