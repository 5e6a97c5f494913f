import type { ResultView } from './api/result.ts';
import type { Prepared, ResultDocument } from './document.ts';
import { STATUS_OF_STAGE } from './statuses.ts';

/** What the API shows of a document: everything that people may use, nothing of claims and owners. */
export function viewOf(id: string, document: ResultDocument): ResultView {
  const { answer, answerText, partial, degraded, model, cost, failure, lastFailure, parked } = document;
  return {
    id,
    status: STATUS_OF_STAGE[document.status],
    stage: document.status,
    profile: document.profile,
    profileVersion: document.profileVersion,
    source: sourceView(document),
    ...preparedView(id, document),
    ...(answer ? { answer } : {}),
    ...(answerText === undefined ? {} : { answerText }),
    ...(partial === undefined ? {} : { partial }),
    ...(degraded === undefined ? {} : { degraded }),
    ...(model ? { model } : {}),
    ...(document.takenOver ? { takenOver: document.takenOver } : {}),
    attempts: document.attempts.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() })),
    ...(cost ? { cost } : {}),
    timings: document.timings,
    ...(failure ? { failure } : {}),
    ...(lastFailure ? { lastFailure: { ...lastFailure, at: lastFailure.at.toISOString() } } : {}),
    ...(parked ? { parked: { until: parked.until.toISOString(), reason: parked.reason } } : {}),
    ...(document.replayedAt ? { replayedAt: document.replayedAt.toISOString() } : {}),
    ...previousView(document),
    ...feedbackView(document),
    ...reviewView(document),
    ...laneView(document),
    ...webhookView(document),
    executions: document.claim.count,
    createdAt: document.createdAt.toISOString(),
    updatedAt: document.updatedAt.toISOString(),
  };
}

function previousView({ previous }: ResultDocument): Pick<ResultView, 'previous'> {
  if (!previous) return {};
  const { answer, profileVersion, at, partial, model } = previous;
  return {
    previous: {
      answer,
      profileVersion,
      at: at.toISOString(),
      ...(partial === undefined ? {} : { partial }),
      ...(model === undefined ? {} : { model }),
    },
  };
}

function feedbackView(document: ResultDocument): Pick<ResultView, 'feedback'> {
  const { feedback } = document;
  if (!feedback) return {};
  const { answer: _, unlabeled: __, at, ...said } = feedback;
  return { feedback: { ...said, at: at.toISOString(), isCurrent: isJudged(document) } };
}

function reviewView({ review }: ResultDocument): Pick<ResultView, 'review'> {
  if (!review) return {};
  const { because, heldBy, dueAt } = review;
  return { review: { because, isHeld: heldBy !== undefined && dueAt.getTime() > Date.now() } };
}

/** Whether a person has judged this answer, not one that a replay has replaced since. */
export const isJudged = ({ feedback, answer }: Pick<ResultDocument, 'feedback' | 'answer'>): boolean =>
  feedback !== undefined && JSON.stringify(feedback.answer) === JSON.stringify(answer);

/** Its address may hold a secret and is not shown. */
function laneView({ lane }: ResultDocument): Pick<ResultView, 'lane'> {
  if (!lane) return {};
  const { asked, patienceMs, served } = lane;
  return { lane: { asked, patienceMs, ...(served === undefined ? {} : { served }) } };
}

function webhookView({ webhook }: ResultDocument): Pick<ResultView, 'webhook'> {
  if (!webhook) return {};
  const { event, dueAt, deliveredAt, attempts = 0, failure } = webhook;
  const state = event === undefined ? 'waiting' : deliveredAt ? 'delivered' : dueAt ? 'due' : 'given-up';
  return { webhook: { state, attempts, ...(failure === undefined ? {} : { failure }) } };
}

function sourceView({ source }: ResultDocument): ResultView['source'] {
  const { bucket, name, generation, contentType, bytes, uploader, uploadedAt } = source;
  const { passedOver, format, width, height } = source;
  return {
    url: `gs://${bucket}/${name}`,
    name,
    generation,
    contentType,
    bytes,
    uploader,
    uploadedAt: uploadedAt?.toISOString() ?? null,
    ...(passedOver === undefined ? {} : { passedOver }),
    ...(format === undefined ? {} : { format }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

function preparedView(
  id: string,
  { prepared, status }: ResultDocument,
): Pick<ResultView, 'prepared' | 'imageUrl'> {
  if (!prepared) return {};
  const { width, height, bytes, reencoded, preparation, quality } = prepared;
  // The bytes' own hash in the address lets browsers keep the picture without asking again.
  const imageUrl = `/v1/results/${id}/image?v=${imageVersion(prepared)}`;
  return {
    prepared: {
      width,
      height,
      bytes,
      reencoded,
      ...(preparation === undefined ? {} : { preparation }),
      ...(quality === undefined ? {} : { quality }),
    },
    // The picture is recorded before it is written: it is sure to be there when the analysis has it.
    ...(status === 'prepared' ? {} : { imageUrl }),
  };
}

export const imageVersion = ({ sha256 }: Pick<Prepared, 'sha256'>): string => sha256.slice(0, 16);
