import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Command, commandOf, type ManagedProcess } from './command.ts';
import { isPortFree } from './free-port.ts';
import { untilReady } from './ready.ts';
import { planRestart, type RestartPlan } from './restart-pause.ts';

/** How a managed process ended that was not asked to. */
export interface ExitReport extends RestartPlan {
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
}

interface ChildEvents {
  log(line: string): void;
  exit(report: ExitReport): void;
}

type State =
  | { kind: 'idle' }
  | { kind: 'running'; process: ChildProcess; startedAt: number }
  | { kind: 'pausing'; timer: NodeJS.Timeout }
  | { kind: 'stopped' };

const START_MS = 60_000;
const STOP_MS = 3_000;
const REMEMBERED_LINES = 15;

/** One process that is kept alive: started, watched, started again when it dies. */
export class Child {
  restarts = 0;
  readonly #managed: ManagedProcess;
  readonly #command: Command;
  readonly #events: ChildEvents;
  readonly #lastLines: string[] = [];
  #state: State = { kind: 'idle' };
  #crashesInARow = 0;
  #isUp = false;

  constructor(managed: ManagedProcess, events: ChildEvents) {
    this.#managed = managed;
    this.#command = commandOf(managed);
    this.#events = events;
  }

  get pid(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.process.pid : undefined;
  }

  /** Resolves at the first answer. A process that ends before it is a mistake to report, not a crash to repeat. */
  async start(): Promise<void> {
    const { port } = new URL(this.#command.readyUrl);
    if (!(await isPortFree(Number(port))))
      throw new Error(`${this.#managed.name}: port ${port} is taken by another process; choose another one.`);
    if (this.#state.kind === 'stopped')
      throw new Error(`${this.#managed.name} was stopped before it started.`);
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), START_MS);
    this.#spawn().once('exit', () => waiting.abort());
    this.#isUp = await untilReady(this.#command.readyUrl, waiting.signal);
    clearTimeout(timer);
    if (this.#isUp) return;
    const ended = this.#state.kind !== 'running';
    await this.stop();
    const problem = ended ? 'ended before it answered' : `did not answer within ${START_MS / 1000} s`;
    throw new Error(`${this.#managed.name} ${problem}. Its last lines:\n${this.#lastLines.join('\n')}`);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#state.kind === 'running') this.#state.process.kill(signal);
  }

  /** Asks first (SIGTERM), insists after three seconds. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    if (state.kind === 'pausing') clearTimeout(state.timer);
    if (state.kind !== 'running' || state.process.pid === undefined) return;
    const ended = new Promise<void>((resolve) => state.process.once('exit', () => resolve()));
    const insist = setTimeout(() => state.process.kill('SIGKILL'), STOP_MS);
    state.process.kill('SIGTERM');
    await ended;
    clearTimeout(insist);
  }

  #spawn(): ChildProcess {
    const { args, env } = this.#command;
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in the terminal reaches the parent alone, which then stops its children in order.
      detached: process.platform !== 'win32',
    });
    this.#state = { kind: 'running', process: child, startedAt: Date.now() };
    if (child.pid !== undefined) this.#events.log(`Process ${child.pid} was started.`);
    this.#forward(child.stdout);
    this.#forward(child.stderr);
    child.once('error', (error) => this.#log(`cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => this.#ended(child, code, signal));
    return child;
  }

  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#state.kind !== 'running' || this.#state.process !== child) return;
    const uptimeMs = Date.now() - this.#state.startedAt;
    this.#state = { kind: 'idle' };
    if (!this.#isUp) return;
    const plan = planRestart(this.#crashesInARow, uptimeMs);
    this.#crashesInARow = plan.crashesInARow;
    const timer = setTimeout(() => {
      this.restarts += 1;
      this.#spawn();
    }, plan.pauseMs);
    this.#state = { kind: 'pausing', timer };
    this.#events.log(describeExit(code, signal, plan));
    this.#events.exit({ ...plan, pid: child.pid ?? 0, code, signal });
  }

  #forward(stream: Readable | null): void {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#log(line));
  }

  #log(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > REMEMBERED_LINES) this.#lastLines.shift();
    this.#events.log(line);
  }
}

const describeExit = (code: number | null, signal: NodeJS.Signals | null, plan: RestartPlan): string => {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  const loop = plan.crashLoop
    ? ` It has crashed ${plan.crashesInARow} times in a row: see its last lines.`
    : '';
  return `The process ${how} and is started again in ${plan.pauseMs} ms.${loop}`;
};
