import type { Version, Write } from '../../shared/cloud/firestore/documents.ts';
import { estimatePromptTokens } from '../../shared/model/request.ts';
import type { Estimate } from '../../shared/money/estimate.ts';
import { JobGrants } from '../../shared/money/job-grants.ts';
import { usdOf } from '../../shared/prices/units.ts';
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
 * job. Stops at the limits of a job; what is left waits for the next one.
 */
export async function collectPictures(
  deps: BatchDependencies,
  begun: ReadJob,
  room: { tokens: number },
  signal: AbortSignal,
): Promise<{ read: ReadJob; members: Member[] }> {
  const { id, job } = begun;
  const { maxPictures, maxBytes } = deps.options;
  const members: Member[] = [];
  const sums = { bytes: 0, tokens: 0, reserved: 0 };
  const grants = grantsOf(deps, begun);
  let deadline = job.deadline.getTime();
  let leash: number | undefined;
  let after: string | undefined;
  do {
    const left = Math.min(PAGE, maxPictures - members.length);
    const page = await pageOf(deps, 'ofBatchGroup', job.group, left, after);
    after = page.length === left ? page.at(-1)?.id : undefined;
    const candidates: Candidate[] = [];
    for (const one of page) {
      const candidate = await candidateOf(deps, one, job.group, signal);
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
    for (const one of await join(deps, id, paid.joined)) {
      members.push(one.member);
      deadline = Math.min(deadline, one.endsAt);
    }
  } while (after !== undefined && members.length < maxPictures && !signal.aborted);
  const read = await deps.jobs.update(begun, {
    ...{
      pictures: members.length,
      bytes: sums.bytes,
      tokens: sums.tokens,
      reservedUsd: usdOf(sums.reserved),
    },
    ...(leash === undefined ? {} : { leash }),
    deadline: new Date(deadline),
  });
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
  if (document.batch?.question !== question) {
    const into = groupOf({ model: request.model, profile, question }, endsAt - now);
    const patch = { 'batch.group': into, 'batch.question': question, 'batch.replies': undefined };
    if (into !== group) {
      await documents.compareAndSet(documentPath(id), patch, version);
      return undefined;
    }
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
  { documents }: BatchDependencies,
  job: string,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  if (candidates.length === 0) return candidates;
  const changes = candidates.map(({ member, version }): Write & { kind: 'change' } => ({
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
  }));
  if ((await documents.commit(changes)) !== 'stale') return candidates;
  const joined: Candidate[] = [];
  for (const [i, { path, patch, version }] of changes.entries()) {
    const candidate = candidates[i];
    if (!candidate) continue;
    const stored = await documents.compareAndSet(path, patch, version);
    // An earlier try of the commit may have gone through unheard.
    const isMember = stored !== 'stale' || (await isIn(documents, path, job));
    if (isMember) joined.push(candidate);
  }
  return joined;
}

async function isIn(documents: BatchDependencies['documents'], path: string, job: string): Promise<boolean> {
  const stored = await documents.get(path);
  const document = stored && resultDocument.safeParse(stored.data).data;
  return document?.batch?.job === job;
}
