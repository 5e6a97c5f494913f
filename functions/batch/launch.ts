import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { pauseAfter } from '../../shared/model/gate/rules.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { MAX_PREPARED_BYTES } from '../../shared/results/id.ts';
import { lineBytes, type RemoteJob, type RequestLine } from './apis/batch-api.ts';
import type { BatchDependencies } from './dependencies.ts';
import { type Member, nextRequest, profileOf, promptOf } from './member.ts';

/** Pictures that are read ahead of the one that is sent: these are in memory, and no more. */
const READ_AHEAD = 12;

/** Writes the requests of all members to where Google reads them; then the job's creation may be tried. */
export async function storeRequests(
  deps: BatchDependencies,
  read: ReadJob,
  members: readonly Member[],
  signal: AbortSignal,
): Promise<ReadJob> {
  const { api, jobs, log } = deps;
  const lines = requestLines(deps, read, members, signal);
  let bytes = 0;
  for await (const line of lines()) bytes += lineBytes(line);
  const input = await api.store(read.id, withPictures(deps, lines(), signal), bytes, signal);
  log.info('batch.stored', { job: read.id, pictures: members.length, bytes });
  return jobs.update(read, { state: 'creating', input, bytes });
}

/** Made twice, once to count their bytes: they are not kept, the pictures least of all. */
const requestLines = (
  deps: BatchDependencies,
  { job }: ReadJob,
  members: readonly Member[],
  signal: AbortSignal,
): (() => AsyncGenerator<RequestLine>) =>
  async function* () {
    for (const member of members) {
      const request = await requestOf(deps, member, signal);
      if (request) yield deps.api.line(member.id, withLeash(request, job.leash), member.picture);
    }
  };

async function requestOf(
  deps: BatchDependencies,
  member: Member,
  signal: AbortSignal,
): Promise<ModelRequest | undefined> {
  const profile = await profileOf(deps, member.profile);
  if (!profile) return undefined;
  const image = {
    mimeType: 'image/jpeg',
    uri: `gs://${member.picture.bucket}/${member.picture.name}`,
    read: (inner: AbortSignal) => base64Of(deps, member.picture, inner),
    exists: async () => true,
  };
  return nextRequest(
    deps,
    { profile, ...promptOf(profile, deps.referencesOf), image, calls: member.calls },
    signal,
  );
}

const withLeash = (request: ModelRequest, leash: number | undefined): ModelRequest =>
  leash === undefined
    ? request
    : {
        ...request,
        step: { ...request.step, maxOutputTokens: Math.min(leash, request.step.maxOutputTokens) },
      };

async function* withPictures(
  deps: BatchDependencies,
  lines: AsyncIterable<RequestLine>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const reading: Promise<Buffer>[] = [];
  for await (const line of lines) {
    const whole = lineWithPicture(deps, line, signal);
    // A failure is thrown when it is this one's turn.
    whole.catch(() => undefined);
    reading.push(whole);
    if (reading.length < READ_AHEAD) continue;
    const first = reading.shift();
    if (first) yield await first;
  }
  for (const one of reading) yield await one;
}

async function lineWithPicture(
  deps: BatchDependencies,
  { head, tail, picture }: RequestLine,
  signal: AbortSignal,
): Promise<Buffer> {
  if (!picture || tail === '') return Buffer.from(head + tail, 'latin1');
  const base64 = await base64Of(deps, picture, signal);
  return Buffer.from(head + base64 + tail, 'latin1');
}

/**
 * The announced length is kept whatever became of the picture: what cannot be sent is as many zeros, which are no picture
 * and are refused without being billed.
 */
async function base64Of(
  { buckets, log }: BatchDependencies,
  picture: NonNullable<RequestLine['picture']>,
  signal: AbortSignal,
): Promise<string> {
  const bytes = await buckets
    .readOnlyVersion(picture, { maxBytes: MAX_PREPARED_BYTES, signal })
    .catch((error: unknown) => {
      if (isFailure(error, 'SOURCE_GONE')) return Buffer.alloc(0);
      throw error;
    });
  if (bytes.length === picture.bytes) return bytes.toString('base64');
  log.warn('batch.picture-changed', { name: picture.name });
  return Buffer.alloc(picture.bytes).toString('base64');
}

/** `job`: it is under way. `wait`: to be looked at again then. `refused`: Google will not have it. */
type Launched =
  | { kind: 'job'; read: ReadJob }
  | { kind: 'wait'; read: ReadJob; untilMs: number }
  | { kind: 'refused'; problem: string; read: ReadJob };

/**
 * Creates the job at Google, once: that it is tried is written first, and while nobody knows what became of a try the job
 * is looked for by its name, which is ours.
 */
export async function launch(
  deps: BatchDependencies,
  begun: ReadJob,
  signal: AbortSignal,
): Promise<Launched> {
  const { api, jobs, control, options } = deps;
  const { triedAt: before, model } = begun.job;
  if (before) {
    const found = await api.find(begun.id, signal);
    if (found) return { kind: 'job', read: await adopt(deps, begun, found) };
    const settledAt = before.getTime() + options.createSettleMs;
    if (Date.now() < settledAt) return { kind: 'wait', read: begun, untilMs: settledAt };
  }
  if (isGivenUp(begun)) return { kind: 'refused', problem: GIVEN_UP, read: begun };
  const pause = (await control.pauseOf('pipeline')) ?? (await control.pauseOf({ model }));
  if (pause)
    return { kind: 'wait', read: begun, untilMs: Math.min(pause.until, Date.now() + options.pollMs) };
  const triedAt = new Date(Date.now());
  const read = await jobs.update(begun, { triedAt });
  const settledAt = triedAt.getTime() + options.createSettleMs;
  // A process that stood still meanwhile: by the time it creates the job, another one may have tried again.
  if (Date.now() > settledAt - options.createSettleMs / 2) return { kind: 'wait', read, untilMs: settledAt };
  let remote: RemoteJob;
  try {
    remote = await api.create(read.id, model, read.job.input ?? '', signal);
  } catch (error) {
    return afterFailure(deps, read, PipelineError.from(error));
  }
  try {
    return { kind: 'job', read: await adopt(deps, read, remote) };
  } catch (error) {
    // What cannot be written now is found by its name.
    if (isFailure(error, 'SUPERSEDED')) await cancelDouble(deps, read, remote, signal);
    throw error;
  }
}

export const GIVEN_UP = 'It was given up before Google had it.';

/** A person wants it, or the time of its pictures is over. */
export const isGivenUp = ({ job }: ReadJob): boolean =>
  job.cancelRequestedAt !== undefined || job.deadline.getTime() <= Date.now();

async function adopt({ jobs, log }: BatchDependencies, read: ReadJob, { name }: RemoteJob): Promise<ReadJob> {
  const { id, job } = read;
  log.info('batch.created', { job: id, name, model: job.model, pictures: job.pictures });
  return jobs.update(read, { state: 'running', name, problem: undefined });
}

/** Another process has tried again, and its job is the one that is looked at: nobody would hear of this one. */
async function cancelDouble(
  { api, jobs, log }: BatchDependencies,
  { id }: ReadJob,
  { name }: RemoteJob,
  signal: AbortSignal,
): Promise<void> {
  const known = (await jobs.get(id))?.job.name;
  if (known === undefined || known === name) return;
  log.warn('batch.created-twice', { job: id, name, known });
  await api.cancel(name, signal);
}

async function afterFailure(
  deps: BatchDependencies,
  read: ReadJob,
  failure: PipelineError,
): Promise<Launched> {
  const { jobs, control, options, log } = deps;
  const { httpStatus = 0 } = failure.facts;
  log.error('batch.not-created', failure, { job: read.id });
  const isClear = httpStatus >= 400 && httpStatus < 499 && httpStatus !== 408;
  // Whether it is there will be seen.
  if (!isClear) {
    const kept = await jobs.update(read, { problem: failure.message });
    return { kind: 'wait', read: kept, untilMs: Date.now() + options.createSettleMs };
  }
  const kept = await jobs.update(read, { problem: failure.message, triedAt: undefined });
  // Room for another job comes with the end of one, which is seen by a look at it.
  if (httpStatus === 429) return { kind: 'wait', read: kept, untilMs: Date.now() + options.pollMs };
  const known = pauseAfter(failure, read.job.model, options.repairMs, Date.now());
  if (known) {
    await control.pause(known.target, known.pause);
    return { kind: 'wait', read: kept, untilMs: known.pause.until };
  }
  return { kind: 'refused', problem: failure.message, read: kept };
}
