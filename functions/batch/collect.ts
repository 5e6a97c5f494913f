import type { Version, Write } from '../../shared/cloud/firestore/documents.ts';
import { estimatePromptTokens } from '../../shared/model/request.ts';
import type { Estimate } from '../../shared/money/estimate.ts';
import { JobGrants } from '../../shared/money/job-grants.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { BatchJob } from '../../shared/results/batches/job.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { batchEndsAt, groupOf } from '../../shared/results/batches/waiting.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import { RESULT_QUERIES } from '../../shared/results/queries.ts';
import { lineBytes } from './apis/batch-api.ts';
import { type BatchDependencies, LONGEST_MS } from './dependencies.ts';
import { leaveBatches } from './leave-batches.ts';
import { askedOf, askedProfileOf, type Member, nextRequest } from './member.ts';

/** A picture that could join. */
interface Candidate {
  member: Member;
  document: ResultDocument;
  version: Version;
  estimate: Estimate;
  bytes: number;
  tokens: number;
  endsAt: number;
}

/** A commit of Firestore takes 500 writes. */
const PAGE = 100;

/**
 * Lets the pictures that wait for the job's group join it: their money is reserved first, then their documents name the
 * job and the job says what it has come to by them, in one commit. Stops at the limits of a job; what is left waits for
 * the next one.
 */
export async function collectPictures(
  deps: BatchDependencies,
  begun: ReadJob,
  room: { tokens: number },
  signal: AbortSignal,
): Promise<{ read: ReadJob; members: Member[] }> {
  const { group } = begun.job;
  const { maxPictures, maxBytes } = deps.options;
  const members: Member[] = [];
  const sums = { bytes: 0, tokens: 0, reserved: 0 };
  const grants = grantsOf(deps, begun);
  let read = begun;
  let leash: number | undefined;
  let after: string | undefined;
  do {
    const left = Math.min(PAGE, maxPictures - members.length);
    const page = await pageOf(deps, 'ofBatchGroup', group, left, after);
    after = page.length === left ? page.at(-1)?.id : undefined;
    const candidates: Candidate[] = [];
    for (const one of page) {
      const candidate = await candidateOf(deps, one, group, signal);
      if (!candidate) continue;
      if (sums.bytes + candidate.bytes > maxBytes || sums.tokens + candidate.tokens > room.tokens) {
        after = undefined;
        break;
      }
      sums.bytes += candidate.bytes;
      sums.tokens += candidate.tokens;
      candidates.push(candidate);
    }
    const paid = await reserve(deps, grants, candidates);
    if (paid.joined.length < candidates.length) after = undefined;
    sums.reserved += paid.reserved;
    leash = paid.leash === undefined ? leash : Math.max(leash ?? 0, paid.leash);
    const money = { reservedUsd: usdOf(sums.reserved), ...(leash === undefined ? {} : { leash }) };
    const grown = await join(deps, read, paid.joined, money);
    read = grown.read;
    members.push(...grown.joined.map(({ member }) => member));
  } while (after !== undefined && members.length < maxPictures && !signal.aborted);
  return { read, members };
}

/** Those that have joined already: after a crash the job goes on with them. */
export async function membersOf(deps: BatchDependencies, { id }: ReadJob): Promise<Member[]> {
  const members: Member[] = [];
  let after: string | undefined;
  do {
    const page = await pageOf(deps, 'ofBatchJob', id, PAGE, after);
    for (const { id: picture, data } of page) {
      const document = resultDocument.safeParse(data).data;
      const asked = document && (await askedOf(deps, document));
      if (document?.prepared && asked)
        members.push({
          id: picture,
          picture: document.prepared,
          profile: askedProfileOf(document),
          calls: asked.calls,
        });
    }
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
  return members;
}

export const pageOf = (
  { documents }: Pick<BatchDependencies, 'documents'>,
  name: 'ofBatchGroup' | 'ofBatchJob',
  value: string,
  limit: number,
  after: string | undefined,
) => {
  const { collection, where, orderBy } = RESULT_QUERIES[name];
  const [filter] = where;
  const start = after === undefined ? {} : { startAfter: [after] };
  return documents.query(collection, { where: [{ ...filter, value }], orderBy, limit, ...start });
};

const grantsOf = ({ documents, limits, options }: BatchDependencies, { id, job }: ReadJob): JobGrants =>
  new JobGrants(documents, limits, {
    owner: id,
    day: job.day,
    // It may take a while until what came last is settled.
    expiresAt: new Date(job.createdAt.getTime() + LONGEST_MS + options.cancelGraceMs),
  });

/** Undefined for what cannot join: it is left, put into the group that it belongs to by now, or goes by another lane. */
async function candidateOf(
  deps: BatchDependencies,
  { id, data, version }: { id: string; data: Record<string, unknown>; version: Version },
  group: string,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { documents, options, estimator, api } = deps;
  const document = resultDocument.safeParse(data).data;
  if (document?.status !== 'parked' || !document.lane || !document.prepared) return undefined;
  const now = Date.now();
  const endsAt = batchEndsAt(document.lane, options.times);
  const asked = await askedOf(deps, document);
  const request = asked && (await nextRequest(deps, asked, signal));
  if (!asked || !request || endsAt - now < options.times.BATCH_LEAST_MS / 2) {
    await leaveBatches(deps, { id, document, version });
    return undefined;
  }
  const { profile, question, calls } = asked;
  const isSame = document.batch?.question === question;
  if (!isSame || !group.startsWith(`${request.model} `)) {
    const into = groupOf({ model: request.model, profile, question }, endsAt - now);
    const anew = isSame ? {} : { 'batch.question': question, 'batch.replies': undefined };
    const patch = { 'batch.group': into, ...anew };
    await documents.compareAndSet(documentPath(id), patch, version);
    return undefined;
  }
  const { prepared } = document;
  return {
    member: { id, picture: prepared, profile: askedProfileOf(document), calls },
    ...{ document, version, endsAt },
    estimate: estimator.estimate(profile.name, request, prepared, now),
    bytes: lineBytes(api.line(id, request, prepared)),
    tokens: estimatePromptTokens(request),
  };
}

/** For all pictures of an uploader at once; where that is too much, for shorter answers, then for one after another. */
async function reserve(
  { log }: BatchDependencies,
  grants: JobGrants,
  candidates: readonly Candidate[],
): Promise<{ joined: Candidate[]; reserved: number; leash: number | undefined }> {
  const joined: Candidate[] = [];
  let reserved = 0;
  let leash: number | undefined;
  const take = async (some: readonly Candidate[]): Promise<boolean> => {
    const [first] = some;
    if (!first) return true;
    const worst = sum(some.map(({ estimate }) => estimate.worst));
    const short = sum(some.map(({ estimate }) => estimate.short.worst));
    const { profile, source } = first.document;
    const amount = await grants.take({ profile, uploader: source.uploader }, [worst, short]);
    if (amount === undefined) return false;
    if (amount < worst)
      leash = Math.max(leash ?? 0, ...some.map(({ estimate }) => estimate.short.maxOutputTokens));
    reserved += amount;
    joined.push(...some);
    return true;
  };
  for (const some of Map.groupBy(candidates, ({ document }) => document.source.uploader).values()) {
    if (await take(some)) continue;
    for (const one of some) if (!(await take([one]))) break;
  }
  if (joined.length < candidates.length)
    log.warn('batch.budget', { waiting: candidates.length - joined.length, joined: joined.length });
  return { joined, reserved, leash };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** All in one commit; where one of them was changed meanwhile, one after another. */
async function join(
  { jobs }: BatchDependencies,
  begun: ReadJob,
  candidates: readonly Candidate[],
  money: Pick<BatchJob, 'reservedUsd' | 'leash'>,
): Promise<{ read: ReadJob; joined: readonly Candidate[] }> {
  const store = (read: ReadJob, some: readonly Candidate[]) =>
    jobs.updateWith(
      read,
      { ...grownBy(read.job, some), ...money },
      some.map((one) => joining(read.id, one)),
    );
  if (candidates.length === 0) return { read: begun, joined: candidates };
  const together = await store(begun, candidates);
  if (together !== 'stale') return { read: together, joined: candidates };
  let read = begun;
  const joined: Candidate[] = [];
  for (const candidate of candidates) {
    const stored = await store(read, [candidate]);
    if (stored === 'stale') continue;
    read = stored;
    joined.push(candidate);
  }
  return { read, joined };
}

const joining = (job: string, { member, version }: Candidate): Write => ({
  kind: 'change',
  path: documentPath(member.id),
  version,
  patch: {
    'batch.job': job,
    'batch.group': undefined,
    'batch.waitingSince': undefined,
    'claim.owner': job,
    'parked.reason': `Is being answered by the batch job ${job}.`,
    'failure.message': `Is being answered by the batch job ${job}.`,
    updatedAt: new Date(Date.now()),
  },
});

/** A job is given up as soon as the time of one of its pictures is over. */
const grownBy = (
  { pictures, bytes, tokens, deadline }: BatchJob,
  joined: readonly Candidate[],
): Pick<BatchJob, 'pictures' | 'bytes' | 'tokens' | 'deadline'> => ({
  pictures: pictures + joined.length,
  bytes: bytes + sum(joined.map((one) => one.bytes)),
  tokens: tokens + sum(joined.map((one) => one.tokens)),
  deadline: new Date(Math.min(deadline.getTime(), ...joined.map(({ endsAt }) => endsAt))),
});
