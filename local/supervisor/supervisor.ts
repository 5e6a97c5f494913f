import { readFileSync } from 'node:fs';
import { Child, type ExitReport } from './child.ts';
import type { ManagedProcess } from './command.ts';

export type { ExitReport } from './child.ts';
export type { FunctionProcess, ManagedProcess, ScriptProcess } from './command.ts';

export interface Supervisor {
  /** Resolves when the process answers on its port (any HTTP status); rejects with its last lines if it ends first. */
  start(managed: ManagedProcess): Promise<void>;
  pid(name: string): number | undefined;
  /** Crashes it (SIGKILL by default); it is started again. */
  kill(name: string, signal?: NodeJS.Signals): void;
  restarts(name: string): number;
  /** Resident set size in bytes, 0 where /proc does not exist or the process is down. */
  memory(name: string): number;
  /** Ends all processes and waits until they are gone. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  /** Lines of stdout and stderr, and the supervisor's own about restarts. */
  onLog?: (name: string, line: string) => void;
  onExit?: (name: string, report: ExitReport) => void;
}

/** Runs functions and scripts in processes of their own, on 127.0.0.1 only, and starts them again when they die. */
export const createSupervisor = ({ onLog, onExit }: SupervisorOptions = {}): Supervisor => {
  const children = new Map<string, Child>();

  return {
    start: async (managed) => {
      const { name } = managed;
      if (children.has(name)) throw new Error(`A process named "${name}" is managed already.`);
      const child = new Child(managed, {
        log: (line) => onLog?.(name, line),
        exit: (report) => onExit?.(name, report),
      });
      children.set(name, child);
      try {
        await child.start();
      } catch (error) {
        children.delete(name);
        throw error;
      }
    },
    pid: (name) => children.get(name)?.pid,
    kill: (name, signal = 'SIGKILL') => children.get(name)?.kill(signal),
    restarts: (name) => children.get(name)?.restarts ?? 0,
    memory: (name) => residentBytes(children.get(name)?.pid),
    stop: async () => {
      await Promise.all([...children.values()].map((child) => child.stop()));
      children.clear();
    },
  };
};

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html: `VmRSS:   123456 kB` */
const residentBytes = (pid: number | undefined): number => {
  if (pid === undefined) return 0;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
};
