import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildDeployable } from '../../build/deployable.ts';
import { findFreePort } from '../../local/supervisor/free-port.ts';
import { untilReady } from '../../local/supervisor/ready.ts';

const LOOPBACK_ONLY = new URL('../../local/supervisor/loopback-only.ts', import.meta.url).href;
const START_MS = 60_000;

/** This Node before the machine's own, which may be older than the platform's. */
const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;

/** Compiled code is to lie in the function's own folder, not where the tests keep theirs. */
const OUTSIDE = { ...process.env, PATH, NODE_COMPILE_CACHE: undefined };

export interface Deployed {
  folder: string;
  /** Starts a command in the folder and resolves with its URL once it answers. */
  start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<string>;
  dispose(): Promise<void>;
}

/** Builds, copies and installs one function in a folder of its own, in the steps of the platform's image build. */
export async function deploy(name: string): Promise<Deployed> {
  const root = await mkdtemp(join(tmpdir(), 'deployed-'));
  const folder = join(root, 'workspace');
  await cp((await buildDeployable(name, root)).folder, folder, { recursive: true });
  await run(['npm', 'ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'], folder);
  await run(['npm', 'run', 'gcp-build'], folder);
  const stops: (() => Promise<void>)[] = [];
  return {
    folder,
    start: async (command, env) => {
      const port = await findFreePort();
      const [file = '', ...args] = command;
      const child = spawn(file, args, {
        cwd: folder,
        stdio: 'ignore',
        detached: true,
        env: { ...OUTSIDE, ...env, PORT: String(port), NODE_OPTIONS: `--import=${LOOPBACK_ONLY}` },
      });
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      stops.push(async () => {
        if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        await ended;
      });
      const waiting = new AbortController();
      const timer = setTimeout(() => waiting.abort(), START_MS);
      const url = `http://127.0.0.1:${port}/`;
      const isUp = await untilReady(url, AbortSignal.any([waiting.signal, untilExit(ended)]));
      clearTimeout(timer);
      if (!isUp) throw new Error(`${command.join(' ')} did not answer in ${folder}.`);
      return url;
    },
    dispose: async () => {
      for (const stop of stops) await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function untilExit(ended: Promise<void>): AbortSignal {
  const controller = new AbortController();
  void ended.then(() => controller.abort());
  return controller.signal;
}

function run([file = '', ...args]: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(file, args, {
      cwd,
      env: OUTSIDE,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}`)),
    );
  });
}
