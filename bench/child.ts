import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';

/** A script of the benchmarks in a process of its own; `path` is relative to this folder. */
export const start = (path: string, args: readonly (string | number)[]): ChildProcess =>
  fork(fileURLToPath(new URL(path, import.meta.url)), args.map(String), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // As every function of ours is run.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });

/** The next message of the process; rejects if it ends without one. */
export async function answerOf<T extends z.ZodType>(child: ChildProcess, form: T): Promise<z.infer<T>> {
  const given = new AbortController();
  const ended = once(child, 'exit', { signal: given.signal }).then(([code]) => {
    throw new Error(`A process of the benchmark ended with ${code} before it had answered.`);
  });
  ended.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    return form.parse(message);
  } finally {
    given.abort();
  }
}
