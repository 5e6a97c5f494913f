import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Session } from 'node:inspector';
import { join } from 'node:path';

/**
 * Loaded into a function before anything else: counts what runs between the arrival of an event and its answer, and
 * writes it to the folder PATH_COVERAGE. Taking the counts sets them back to zero, so start-up is left out.
 */
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** The inspector answers within the call, so nothing runs in between. */
function take(): unknown {
  let taken: unknown;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error) throw error;
    taken = result;
  });
  return taken;
}

const isEvent = (message: unknown): boolean =>
  (message as { request: IncomingMessage }).request.method === 'POST';

subscribe('http.server.request.start', (message) => {
  if (isEvent(message)) take();
});
subscribe('http.server.response.finish', (message) => {
  const folder = process.env['PATH_COVERAGE'];
  if (folder && isEvent(message))
    writeFileSync(join(folder, `${process.pid}-${Date.now()}.json`), JSON.stringify(take()));
});
