import { execFile } from 'node:child_process';

export interface Ended {
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  /** Beside those of this process. */
  env?: Readonly<Record<string, string>>;
  withinMs: number;
}

/** A program has not ended in its time. */
export class OutOfTime extends Error {}

/** Runs a program to its end. @throws with all that it said when that is not a success, or takes longer than it may. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env, withinMs } = options;
  const settings = { ...(cwd ? { cwd } : {}), ...(env ? { env: { ...process.env, ...env } } : {}) };
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      { ...settings, timeout: withinMs, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout, stderr });
        const Failure = error.killed ? OutOfTime : Error;
        const how = error.killed ? `has not ended within ${Math.round(withinMs / 1000)} s` : 'failed';
        reject(new Failure(`${command} ${how}: ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error }));
      },
    );
  });
}
