import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));

/** What a person does after raising the quota: lifts the pauses, and what was parked until midnight goes on. */
export async function resumeAll(dataDir: string): Promise<number> {
  const said = await pipeline(dataDir, 'resume', '--json');
  return (JSON.parse(said) as { woken: number }).woken;
}

/** Finds the uploads whose notification was lost. */
export async function backfill(dataDir: string): Promise<number> {
  const said = await pipeline(dataDir, 'backfill', 'gs://uploads', '--yes', '--json');
  return (JSON.parse(said) as { sent: number }).sent;
}

const ATTEMPTS = 3;

/** A command as a person types it; one that fails is typed again, as its hint says. */
async function pipeline(dataDir: string, ...args: string[]): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runCommand(dataDir, args);
    } catch (error) {
      // Said at once: what is cleaned up afterward must not hide it.
      console.error(error instanceof Error ? error.message : error);
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function runCommand(dataDir: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PIPELINE, ...args], {
      cwd: dataDir,
      env: { PATH: process.env['PATH'] ?? '', HOME: dataDir, PIPELINE_DATA: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code) =>
      code === 0
        ? resolve(stdout)
        : reject(new Error(`pipeline ${args.join(' ')} ended with ${code}: ${stderr}`)),
    );
  });
}
