import type { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Patch } from '../../shared/cloud/firestore/documents.ts';
import { reviewReason } from '../../shared/model/ladder.ts';
import { requestAt } from '../../shared/model/prompt.ts';
import { recordOf, writeRecorded } from '../../shared/model/recorded-calls.ts';
import { type ModelReply, NO_IMAGE, USUAL_SHAPE } from '../../shared/model/request.ts';
import { promptHash } from '../../shared/money/audit.ts';
import { scopesOf } from '../../shared/money/budgets.ts';
import { MAX_ATTEMPTS_KEPT } from '../../shared/money/late-records.ts';
import type { SpendEntry } from '../../shared/money/spend-log.ts';
import { addUsd, entryOf, topOf } from '../../shared/money/spending.ts';
import type { Priced, PriceList } from '../../shared/prices/price-list.ts';
import { type NanoUsd, usdOf } from '../../shared/prices/units.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { batchEndsAt, groupOf, joining } from '../../shared/results/batches/waiting.ts';
import type { Claim, ImageCost } from '../../shared/results/claim.ts';
import type { Attempt, ResultDocument } from '../../shared/results/document.ts';
import { completing, failing, owedTo } from '../../shared/results/outcomes.ts';
import type { BatchDependencies } from './dependencies.ts';
import { leaving } from './leave-batches.ts';
import { type Asked, askedOf, considerAsked, nextRequest } from './member.ts';

/** What becomes of a picture by a line of the answers, before it is written. */
export interface RowEnd {
  claim: Claim;
  kind: 'answered' | 'failed' | 'again' | 'returned';
  patch: Patch;
  /** What the call cost; absent where there was none. */
  cost?: ImageCost['cost'];
  entry?: SpendEntry;
  /** With it, everything but the document's own answer can be stored where Firestore refuses that. */
  failure?: PipelineError;
  attempts?: readonly Attempt[];
  answer?: Record<string, unknown>;
}

/** A picture that is another's by now: only what its call cost is left. */
export interface Overtaken {
  kind: 'superseded';
  entry?: SpendEntry;
}

/** A reply whose picture was deleted, replaced or taken over meanwhile; undefined where it cost nothing. */
export function overtakenBy(
  { prices }: BatchDependencies,
  job: ReadJob['job'],
  reply: ModelReply,
): Overtaken | undefined {
  const bill = billOf(prices, job, reply);
  if (!bill) return undefined;
  return {
    kind: 'superseded',
    entry: {
      ...{ day: job.day, scopes: ['pipeline'], profile: job.profile, uploader: null },
      ...{ ended: false, cacheHit: false },
      calls: [{ model: bill.pricedAs, lane: 'batch', tokens: reply.usage, nanos: bill.nanos }],
      ...{ estimated: 0, lost: 0, savedByCache: 0, topStep: 0, bytesIn: 0, bytesOut: 0 },
    },
  };
}

const billOf = (
  prices: PriceList,
  job: ReadJob['job'],
  { usage, modelVersion: version }: ModelReply,
): Priced | null =>
  usage &&
  prices.costOf({ version, requested: job.model, usage, atMs: job.createdAt.getTime(), lane: 'batch' });

/** What a picture becomes with the reply of its job. */
export async function endOfReply(
  deps: BatchDependencies,
  { job }: ReadJob,
  claim: Claim,
  reply: ModelReply,
  signal: AbortSignal,
): Promise<RowEnd> {
  const { document } = claim;
  const asked = await askedOf(deps, document);
  if (!asked) return returnedPaid(deps, job, claim, reply);
  const calls = [...asked.calls, recordOf(reply)];
  const isSameQuestion = document.batch?.question === asked.question;
  const { next, steps, outcomes } = await considerAsked(deps, asked, isSameQuestion ? calls : [], signal);
  const paid = await priced(deps, job, claim, asked, reply, {
    step: steps[asked.calls.length] ?? 0,
    outcome: isSameQuestion ? (outcomes.at(-1) ?? 'answered') : 'outdated',
    ended: next.kind !== 'asks',
  });
  const { attempts } = paid;
  const timings = { modelMs: Date.now() - job.createdAt.getTime() };
  const webhook = document.webhook ? owedTo(document.webhook) : {};
  if (next.kind === 'answered') {
    const { climbed } = next;
    const patch = completing(claim, {
      ...climbed,
      profileVersion: asked.profile.version,
      ...{ attempts, timings },
      review: reviewReason(climbed, asked.profile),
    });
    const { answer } = climbed;
    return { claim, kind: 'answered', patch: { ...patch, ...webhook }, ...paid, answer };
  }
  if (next.kind === 'failed') {
    const patch = failing(claim, next.failure, { attempts, timings });
    return { claim, kind: 'failed', patch: { ...patch, ...webhook }, ...paid, failure: next.failure };
  }
  const share = { question: asked.question, replies: writeRecorded(isSameQuestion ? calls : []) };
  const way = onward(deps, document, asked, next.request.model, share);
  return { claim, ...way, patch: { ...way.patch, attempts }, ...paid };
}

/** A picture of which nobody knows any more what was asked: the call is paid for, and the other lanes find out why. */
function returnedPaid(deps: BatchDependencies, job: ReadJob['job'], claim: Claim, reply: ModelReply): RowEnd {
  const { document } = claim;
  const bill = billOf(deps.prices, job, reply);
  const row = rowOf(job, reply, bill, { step: 0, outcome: 'outdated' });
  const { attempts, cost } = withRow(document, row, bill, 0);
  const patch = { ...leaving(document, deps.options.staleMs), attempts };
  const { entry } = overtakenBy(deps, job, reply) ?? {};
  return { claim, kind: 'returned', patch, ...(entry ? { cost, entry } : {}) };
}

/** A picture of which the job has said nothing, or that Google refused: another job, or another lane. */
export async function endOfSilence(
  deps: BatchDependencies,
  claim: Claim,
  { mayWait }: { mayWait: boolean },
  signal: AbortSignal,
): Promise<RowEnd> {
  const { document } = claim;
  const asked = await askedOf(deps, document);
  // Of the model that it waits for, which after earlier jobs is not the first of the ladder.
  const request = asked && (await nextRequest(deps, asked, signal));
  const misses = (document.batch?.misses ?? 0) + 1;
  if (!asked || !request || !mayWait || misses > MAX_MISSES)
    return { claim, kind: 'returned', patch: leaving(document, deps.options.staleMs) };
  const replies = document.batch?.question === asked.question ? document.batch.replies : undefined;
  const share = { question: asked.question, misses, ...(replies === undefined ? {} : { replies }) };
  return { claim, ...onward(deps, document, asked, request.model, share) };
}

/** A second job may fare better, a third one is not waited for. */
const MAX_MISSES = 1;

/** Into the next job while there is time, else by another lane. */
function onward(
  { options }: BatchDependencies,
  document: ResultDocument,
  { profile, question }: Asked,
  model: string,
  share: { question: string; replies?: string; misses?: number },
): Pick<RowEnd, 'kind' | 'patch'> {
  const now = Date.now();
  const endsAt = document.lane ? batchEndsAt(document.lane, options.times) : 0;
  if (endsAt - now < options.times.BATCH_LEAST_MS)
    return { kind: 'returned', patch: leaving(document, options.staleMs, share) };
  const group = groupOf({ model, profile, question }, endsAt - now);
  const misses = share.misses ?? document.batch?.misses ?? 0;
  return { kind: 'again', patch: joining({ ...share, misses, group }, endsAt, now, options.times) };
}

/** Books the call: its row in the document, its cost, its audit record and what the spend log gets. */
async function priced(
  deps: BatchDependencies,
  job: ReadJob['job'],
  { document }: Claim,
  { profile, prompt }: Asked,
  reply: ModelReply,
  { step, outcome, ended }: { step: number; outcome: string; ended: boolean },
): Promise<Required<Pick<RowEnd, 'cost' | 'entry'>> & { attempts: readonly Attempt[] }> {
  const { prices, estimator, limits, audit, log } = deps;
  const { usage, modelVersion } = reply;
  const at = job.createdAt;
  const atStep = profile.ladder[step] ?? topOf(profile);
  const request = { ...requestAt({ prompt, image: NO_IMAGE }, atStep), lane: 'batch' as const };
  const size = document.prepared ?? USUAL_SHAPE;
  const { expected } = estimator.estimate(profile.name, request, size, at.getTime());
  const bill = billOf(prices, job, reply);
  if (bill?.assumed) log.warn('price.assumed', { version: modelVersion, pricedAs: bill.pricedAs });
  if (usage) estimator.learn(profile.name, request, usage);
  const row = rowOf(job, reply, bill, { step, outcome });
  const { latencyMs } = row;
  const { source } = document;
  const { uploader, bucket, name, generation } = source;
  audit.record({
    ...{
      at,
      uploader,
      bucket,
      name,
      generation,
      profile: profile.name,
      model: job.model,
      version: modelVersion,
    },
    ...{
      step,
      promptSha256: promptHash(prompt),
      outcome,
      lane: 'batch',
      tokens: usage,
      costUsd: row.costUsd,
      latencyMs,
    },
  });
  const topRequest = requestAt({ prompt, image: NO_IMAGE }, topOf(profile));
  const scopes = scopesOf(await limits.limits(), profile.name, uploader).map((scope) => scope.name);
  return {
    ...withRow(document, row, bill, expected),
    entry: {
      ...entryOf(document, job.day),
      scopes,
      ended,
      calls: bill
        ? [{ model: bill.pricedAs, lane: 'batch', tokens: usage, nanos: bill.nanos, expected }]
        : [],
      estimated: ended ? expected : 0,
      lost: bill ? 0 : expected,
      topStep: ended ? estimator.estimate(profile.name, topRequest, size, at.getTime()).expected : 0,
    },
  };
}

const rowOf = (
  { createdAt: at }: ReadJob['job'],
  { modelVersion: model, usage: tokens }: ModelReply,
  bill: Priced | null,
  judged: Pick<Attempt, 'step' | 'outcome'>,
): Attempt => ({
  ...{ model, ...judged, lane: 'batch', latencyMs: Date.now() - at.getTime(), tokens },
  ...{ costUsd: bill ? usdOf(bill.nanos) : null, at },
});

const withRow = (
  { attempts, cost }: ResultDocument,
  row: Attempt,
  bill: Priced | null,
  expected: NanoUsd,
) => ({
  attempts: [...attempts, row].slice(-MAX_ATTEMPTS_KEPT),
  cost: {
    estimatedUsd: cost?.estimatedUsd || usdOf(expected),
    usd: addUsd(cost?.usd ?? 0, bill?.nanos ?? 0),
    savedByCacheUsd: cost?.savedByCacheUsd ?? 0,
  },
});
