import { PassThrough, type Readable } from 'node:stream';
import type { Simulation } from '../simulation.ts';
import { wait } from '../wait.ts';
import { importProblem } from './import-check.ts';
import type { InlineRow, SimulatedJob } from './job.ts';
import { answerRow, type RequestRow, type RowAnswer, readRows } from './rows.ts';

/** Answers come back in another order within this many rows. */
const SHUFFLED_ROWS = 20;

/** Lets the job take the time that is set, and answers its rows; never throws. */
export async function runJob(sim: Simulation, job: SimulatedJob): Promise<void> {
  const { batchLongestMs, timeScale } = sim.planner.settings(job.model);
  const longestMs = Math.min(batchLongestMs * timeScale, LONGEST_TIMER_MS);
  const batchEnds = sim.planner.batchEnd(job.model);
  const pendingMs = batchEnds === 'stuck' ? longestMs : sim.planner.batchPendingMs(job.model);
  await wait(Math.min(pendingMs, longestMs), job.cancelled.signal);
  try {
    if (job.cancelled.signal.aborted) end(sim, job, 'CANCELLED');
    else if (batchEnds === 'expired' || pendingMs >= longestMs) end(sim, job, 'EXPIRED');
    else if (batchEnds === 'failed') fail(sim, job, 13, 'Internal error encountered.');
    else await answerAll(sim, job);
  } catch (error) {
    fail(sim, job, 3, `Failed to import data: ${String(error)}`);
  }
}

const LONGEST_TIMER_MS = 2_147_483_647;

function end(sim: Simulation, job: SimulatedJob, state: SimulatedJob['state']): void {
  job.state = state;
  job.endedAt = sim.now();
  job.updatedAt = job.endedAt;
}

function fail(sim: Simulation, job: SimulatedJob, code: number, message: string): void {
  job.error = { code, message };
  end(sim, job, 'FAILED');
}

async function answerAll(sim: Simulation, job: SimulatedJob): Promise<void> {
  job.state = 'RUNNING';
  job.updatedAt = sim.now();
  if (job.input.kind === 'inline') {
    const inline: unknown[] = [];
    for (const row of job.input.rows) {
      if (job.cancelled.signal.aborted) break;
      inline.push(inlineAnswer(row, await counted(sim, job, row.request)));
    }
    job.output = { inline };
  } else {
    const lines = new PassThrough();
    const kept = keep(sim, job, lines);
    try {
      for await (const line of answeredLines(sim, job))
        if (!lines.write(`${line}\n`)) await new Promise((resolve) => lines.once('drain', resolve));
    } finally {
      lines.end();
    }
    job.output = await kept;
  }
  end(sim, job, job.cancelled.signal.aborted ? 'CANCELLED' : 'SUCCEEDED');
}

/** Rows that the settings lose are billed and never heard of. */
async function* answeredLines(sim: Simulation, job: SimulatedJob): AsyncGenerator<string> {
  const { batchLostShare } = sim.planner.settings(job.model);
  let held: string[] = [];
  for await (const row of rowsOf(sim, job)) {
    if (job.cancelled.signal.aborted) break;
    const answer = await counted(sim, job, row.request);
    if (batchLostShare === 0 || sim.random() >= batchLostShare)
      held.push(lineOf(job, row, answer, sim.now()));
    if (held.length < SHUFFLED_ROWS) continue;
    yield* held.toReversed();
    held = [];
  }
  yield* held.toReversed();
}

async function* rowsOf(sim: Simulation, job: SimulatedJob): AsyncGenerator<RequestRow> {
  const { input } = job;
  if (input.kind === 'inline') return;
  const content: Readable =
    input.kind === 'file' ? await sim.files.open(input.name, sim.now()) : await sim.objects().read(input.uri);
  for await (const row of readRows(content)) {
    const problem = job.api === 'vertex' ? importProblem({ ...row.beside, request: row.request }) : undefined;
    if (problem !== undefined) throw new Error(problem);
    yield row;
  }
}

async function counted(sim: Simulation, job: SimulatedJob, request: unknown): Promise<RowAnswer> {
  const { batchRowMs, timeScale } = sim.planner.settings(job.model);
  await wait(batchRowMs * timeScale, job.cancelled.signal);
  const answer = await answerRow(sim, job, request);
  job.counts.total = Math.max(job.counts.total, job.counts.answered + job.counts.failed + 1);
  if ('error' in answer) job.counts.failed += 1;
  else job.counts.answered += 1;
  job.updatedAt = sim.now();
  return answer;
}

const inlineAnswer = ({ metadata }: InlineRow, answer: RowAnswer): unknown => ({
  ...(metadata === undefined ? {} : { metadata }),
  ...answer,
});

function lineOf(
  job: SimulatedJob,
  { key, request, beside }: RequestRow,
  answer: RowAnswer,
  nowMs: number,
): string {
  if (job.api === 'developer') return JSON.stringify({ key, ...answer });
  const status = 'error' in answer ? `Bad Request: ${JSON.stringify({ error: answer.error })}` : '';
  const response = 'error' in answer ? {} : answer.response;
  const processed = new Date(nowMs).toISOString();
  // What stands beside the request is echoed; what looks like a number becomes one.
  const echoed = Object.fromEntries(
    Object.entries(beside).map(([name, value]) => [
      name,
      /^\d+$/.test(String(value)) ? Number(value) : value,
    ]),
  );
  return JSON.stringify({ ...echoed, status, processed_time: processed, request, response });
}

async function keep(
  sim: Simulation,
  job: SimulatedJob,
  lines: Readable,
): Promise<NonNullable<SimulatedJob['output']>> {
  if (job.api === 'developer') {
    const file = `files/batch-${job.id}`;
    await sim.files.place(file, lines, sim.now());
    return { file };
  }
  const folder = `${job.outputPrefix}/prediction-model-${new Date(sim.now()).toISOString()}`;
  await sim.objects().write(`${folder}/predictions.jsonl`, lines);
  return { folder };
}
