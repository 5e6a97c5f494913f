import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../local/supervisor/free-port.ts';

/** Google's Pub/Sub emulator where `gcloud components install pubsub-emulator` put it, if it did. */
export function findPubSubEmulator(): string | undefined {
  try {
    const args = ['info', '--format=value(installation.sdk_root)'];
    const root = execFileSync('gcloud', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    const program = join(root, 'platform/pubsub-emulator/bin/cloud-pubsub-emulator');
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

export async function startPubSubEmulator(
  program: string,
): Promise<{ host: string; close(): Promise<void> }> {
  const port = await findFreePort();
  const dataDir = await mkdtemp(join(tmpdir(), 'pubsub-emulator-'));
  // A group of its own: the program is a script around the server.
  const args = ['--host=127.0.0.1', `--port=${port}`, `--data-dir=${dataDir}`];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`The emulator ended with code ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    host: `127.0.0.1:${port}`,
    close: async () => {
      await end(child);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
}
