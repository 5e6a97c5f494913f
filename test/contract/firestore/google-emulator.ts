import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';

const MAIN_CLASS = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** Path of Google's emulator where `gcloud components install cloud-firestore-emulator` put it, if it did. */
export function findGoogleEmulator(): string | undefined {
  try {
    const args = ['info', '--format=value(installation.sdk_root)'];
    const root = execFileSync('gcloud', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    const jar = join(root, 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar');
    return existsSync(jar) ? jar : undefined;
  } catch {
    return undefined;
  }
}

export async function startGoogleEmulator(jar: string): Promise<{ host: string; close(): Promise<void> }> {
  const port = await freePort();
  const args = ['-cp', jar, MAIN_CLASS, 'start', '--host=127.0.0.1', `--port=${port}`];
  const process = spawn('java', args, { stdio: 'ignore' });
  await untilListening(port, process);
  return { host: `127.0.0.1:${port}`, close: () => end(process) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function untilListening(port: number, process: ChildProcess): Promise<void> {
  while (!(await answers(port))) {
    if (process.exitCode !== null) throw new Error(`The emulator ended with code ${process.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function end(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
    process.kill('SIGKILL');
  });
}
