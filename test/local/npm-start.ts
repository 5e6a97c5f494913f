import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN: string = fileURLToPath(new URL('../../local/main.ts', import.meta.url));

/** A key in this shell must not lead a test to Google. */
export function withoutKey(): NodeJS.ProcessEnv {
  const { GEMINI_API_KEY: _, ...env } = process.env;
  return env;
}

interface Started {
  child: ChildProcess;
  greeting: string;
  /** Everything until now. */
  printed(): string;
}

/** What `npm start` runs, in a data folder of its own. */
export class Machine {
  /**
   * Away from the default ports, so that a person's own `npm start` is not disturbed, and from those of outgoing
   * connections.
   */
  readonly port = 20_000 + Math.floor(Math.random() * 1_200) * 10;
  readonly dataDir: string;
  readonly #running: ChildProcess[] = [];

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async make(): Promise<Machine> {
    return new Machine(await mkdtemp(join(tmpdir(), 'start-')));
  }

  get args(): string[] {
    return [MAIN, '--port', String(this.port), '--data', this.dataDir];
  }

  /** To be ended with the machine. */
  add<C extends ChildProcess>(child: C): C {
    this.#running.push(child);
    return child;
  }

  /** Resolves with what it printed when it is up. */
  start(env: NodeJS.ProcessEnv = {}): Promise<Started> {
    const child = this.add(spawn(process.execPath, this.args, { env: { ...withoutKey(), ...env } }));
    return new Promise((resolve, reject) => {
      let printed = '';
      child.stdout?.on('data', (data: Buffer) => {
        printed += data;
        if (printed.includes('Stop with Ctrl-C'))
          resolve({ child, greeting: printed, printed: () => printed });
      });
      child.stderr?.on('data', (data: Buffer) => {
        printed += data;
      });
      child.once('exit', () => reject(new Error(`ended: ${printed}`)));
    });
  }

  async end(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    // Its children notice by themselves.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
