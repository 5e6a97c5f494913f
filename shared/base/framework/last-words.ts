/** Ten seconds are left after SIGTERM (https://cloud.google.com/run/docs/container-contract#instance-shutdown). */
const LIMIT_MS = 9_000;

/**
 * Does `work` when the instance is asked to end, and ends it then. The framework's own listener would exit in the same
 * tick and cut everything off that has to wait for an answer; it comes later than this one and is sent away.
 */
export function beforeTheEnd(work: () => Promise<unknown>): void {
  const listener = () => {
    const limit = setTimeout(() => process.exit(), LIMIT_MS);
    limit.unref();
    void work().finally(() => process.exit());
  };
  process.once('SIGTERM', listener);
  process.on('newListener', (event, added) => {
    if (event === 'SIGTERM') setImmediate(() => process.removeListener('SIGTERM', added));
  });
}
