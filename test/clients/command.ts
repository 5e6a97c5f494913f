import { execFile } from 'node:child_process';

export interface Ended {
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; throws with all that it said when that is not a success. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; withinMs: number },
): Promise<Ended> {
  const { cwd, env, withinMs } = options;
  const settings = { ...(cwd ? { cwd } : {}), ...(env ? { env: { ...process.env, ...env } } : {}) };
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      { ...settings, timeout: withinMs, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout, stderr });
        reject(
          new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`, { cause: error }),
        );
      },
    );
  });
}
