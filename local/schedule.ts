/** Longest run of a scheduled function, as in `terraform/modules/pipeline/functions.tf`. Milliseconds. */
const DEADLINE_MS = 240_000;

/** Cloud Scheduler: posts to `url` every so often, never twice at once. Returns the function that ends it. */
export function startSchedule(url: string, everyMs: number): () => void {
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    void post(url).finally(() => {
      isRunning = false;
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What goes wrong is in the function's log; the next run comes soon enough. */
async function post(url: string): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), DEADLINE_MS);
  try {
    const headers = { 'content-type': 'application/json' };
    await (await fetch(url, { method: 'POST', headers, body: '{}', signal: controller.signal })).text();
  } catch {
    // The function is being started again.
  } finally {
    clearTimeout(timer);
  }
}
