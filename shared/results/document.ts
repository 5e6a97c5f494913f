import { z } from 'zod';
import { FAILURES, type FailureCode } from '../base/errors/codes.ts';
import { LANES } from '../prices/lanes.ts';
import { PREPARATIONS } from '../profiles/preparation.ts';
import { STATUSES } from './statuses.ts';

const failureCode = z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]);

const source = z.object({
  bucket: z.string(),
  name: z.string(),
  /** Growing integer as text; compare as BigInt. */
  generation: z.string(),
  contentType: z.string().nullable(),
  bytes: z.number().nullable(),
  md5: z.string().nullable(),
  uploader: z.string().nullable(),
  uploadedAt: z.date().nullable(),
  /** The uploader wants the model asked again, whatever was answered about the same picture before. */
  refresh: z.boolean().optional(),
  /** Wishes that came with the upload and cannot be met, each with why. */
  passedOver: z.array(z.string()).optional(),
  /** What the bytes say, once they were looked at: format name and size in pixels. */
  format: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});

/** What a picture looks like: see `likeness.ts`. */
const likeness = z.object({ hash: z.string(), colors: z.string(), bands: z.array(z.string()) });

const prepared = z.object({
  bucket: z.string(),
  name: z.string(),
  /** Pixels. */
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  /** Of the prepared bytes, hex. */
  sha256: z.string(),
  /** False when the upload was already small, upright and plain and only lost its metadata. */
  reencoded: z.boolean(),
  /** How it was shrunk; absent when it was not re-encoded, and in results from before there was a choice. */
  preparation: z.enum(PREPARATIONS).optional(),
  /** JPEG quality, 1 to 100; absent as above. */
  quality: z.number().optional(),
  /** For profiles whose look-alikes are not asked about; gone where this picture took over an answer itself. */
  likeness: likeness.optional(),
});

const tokens = z.object({
  prompt: z.number(),
  image: z.number(),
  cached: z.number(),
  thoughts: z.number(),
  output: z.number(),
});

const attempt = z.object({
  model: z.string(),
  /** Index into the profile's ladder, from 0. */
  step: z.number(),
  outcome: z.string(),
  /** The lane that served the call, or was asked for where nothing did; absent for `standard`. */
  lane: z.enum(LANES).optional(),
  latencyMs: z.number(),
  tokens: tokens.nullable(),
  /** Null when the answer never came, so that nobody knows whether it was billed. */
  costUsd: z.number().nullable(),
  at: z.date(),
});

/** Where in the prepared picture a value was read. */
const evidence = z.object({
  field: z.string().describe('path of the value in the answer, e.g. items[0].sku'),
  box: z
    .object({ top: z.number(), left: z.number(), bottom: z.number(), right: z.number() })
    .describe('0 to 1000, from the top of the height and from the left of the width of the prepared picture'),
});

const model = z.object({
  requested: z.string(),
  /** What answered, as the reply says: retired names are rerouted silently. */
  version: z.string(),
  step: z.number(),
  mediaResolution: z.string(),
  confidence: z.number().nullable(),
  /** `reportsOnly`: a broken one is noted and did not make the picture climb. */
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), reportsOnly: z.boolean().optional() })),
  /** How likely each field is right, by path: calibrated, and of the decision model only. */
  probabilities: z
    .record(z.string(), z.number())
    .optional()
    .describe('how likely each field is right, by path; only where gemini-decision-1 has decided'),
  evidence: z
    .array(evidence)
    .optional()
    .describe('where in the picture values were read; only of a profile with evidence: boxes'),
  evidenceDropped: z
    .number()
    .optional()
    .describe('boxes that came with the answer and could not be used; absent when there were none'),
  /** Fields whose values were spelled in another way, such as a number as text, and read without another call. */
  respelled: z.array(z.string()).optional(),
});

const takenOver = z.object({
  /** Id and name of the result whose answer it is. */
  from: z.string(),
  name: z.string(),
  /** How much the two pictures look alike, 0 to 1. */
  similarity: z.number(),
});

const cost = z.object({ estimatedUsd: z.number(), usd: z.number(), savedByCacheUsd: z.number() });

/** Milliseconds. `storeMs` counts Firestore calls up to, not including, the last one. */
const timings = z
  .object({
    queueMs: z.number(),
    downloadMs: z.number(),
    resizeMs: z.number(),
    uploadMs: z.number(),
    modelMs: z.number(),
    storeMs: z.number(),
    totalMs: z.number(),
  })
  .partial();

const claim = z.object({
  owner: z.string(),
  stage: z.enum(['resize', 'analyze']),
  expiresAt: z.date(),
  /** Executions of this generation so far, both stages together. */
  count: z.number(),
  /** How many of them ended because a service did not answer, which says nothing about the picture. */
  excused: z.number().optional(),
  /** Generation of the prepared picture that a replay recreates: its events are of before. */
  replaces: z.string().optional(),
  /** Set aside or replayed since its upload: it is asked by whichever version of its profile is active then. */
  asksAnew: z.boolean().optional(),
  /** The execution whose cost was last recorded; a repetition of its write records nothing again. */
  booked: z.string().optional(),
});

const previous = z.object({
  answer: z.record(z.string(), z.unknown()),
  partial: z.boolean().optional(),
  model: model.optional(),
  profileVersion: z.number(),
  /** When it was given. */
  at: z.date(),
});

const lane = z.object({
  /** How the picture is to be answered, as the upload or its profile wishes. */
  asked: z.enum(LANES),
  /** How long the answer may take from `since` on, in milliseconds. */
  patienceMs: z.number(),
  since: z.date(),
  /** The lane that served the answer, and that it was billed by. */
  served: z.enum(LANES).optional(),
});

const batch = z.object({
  /** What it waits for: pictures of one group go into one job. Absent while it is in one. */
  group: z.string().optional(),
  waitingSince: z.date().optional(),
  /** The job that it is in. */
  job: z.string().optional(),
  /** What is asked, as a digest: another question makes nothing of the replies. */
  question: z.string(),
  /** Calls of earlier jobs as JSON: they are paid for, and their answers are not asked for again. */
  replies: z.string().optional(),
  /** Jobs that ended without a word about it. */
  misses: z.number().default(0),
});

const feedback = z.object({
  verdict: z.enum(['right', 'wrong', 'corrected']),
  /** The fields of the answer that were wrong, as they should be. */
  fields: z.record(z.string(), z.unknown()).optional(),
  note: z.string().optional(),
  /** Null on a machine where nobody signs in. */
  by: z.string().nullable(),
  at: z.date(),
  /** The answer that was judged: a replay may have brought another one since. */
  answer: z.record(z.string(), z.unknown()),
  /** Somebody deleted the label that this verdict made; the verdict stays. */
  unlabeled: z.boolean().optional(),
});

/** Why a person should look at an answer. */
const REVIEW_REASONS = ['unsure', 'broken-check', 'partial', 'sample'] as const;

const review = z.object({
  because: z.enum(REVIEW_REASONS),
  /** When it is offered next, the longest waiting first; in the future while somebody looks at it. */
  dueAt: z.date(),
  /** Who looks at it; null on a machine where nobody signs in. */
  heldBy: z.string().nullable().optional(),
});

const webhook = z.object({
  url: z.string(),
  /** What is told: the end of the image, or what a person said of its answer. All attempts to tell it carry this id. */
  event: z.string().optional(),
  /** Absent for the end of the image. */
  of: z.literal('reviewed').optional(),
  /** What is told once this has been told or given up. */
  next: z.literal('reviewed').optional(),
  /** When the next attempt is due; absent when nobody is left to notify. */
  dueAt: z.date().optional(),
  attempts: z.number().optional(),
  deliveredAt: z.date().optional(),
  /** Why the last attempt failed, in a sentence. */
  failure: z.string().optional(),
});

/** `results/{id}`: one document per object, always of the newest generation. Times are Dates here, timestamps in Firestore. */
export const resultDocument = z.object({
  status: z.enum(STATUSES),
  profile: z.string(),
  profileVersion: z.number(),
  source,
  prepared: prepared.optional(),
  answer: z.record(z.string(), z.unknown()).optional(),
  /** The answer as JSON text where Firestore refused it as data; it was paid for. */
  answerText: z.string().optional(),
  /** True when the answer was salvaged from a reply that was cut off. */
  partial: z.boolean().optional(),
  /** True while the answer is only what a fallback found, because no model could answer; the image waits for one. */
  degraded: z.boolean().optional(),
  model: model.optional(),
  /** The answer is that of a picture which looks alike. */
  takenOver: takenOver.optional(),
  attempts: z.array(attempt).default([]),
  /** US dollars: expected before the first call, billed for all calls, and spared by an earlier answer. */
  cost: cost.optional(),
  timings: timings.default({}),
  failure: z.object({ code: failureCode, message: z.string(), hint: z.string() }).optional(),
  /** Why the last execution failed although the image is still being worked on; gone once it is answered. */
  lastFailure: z.object({ code: failureCode, message: z.string(), at: z.date() }).optional(),
  parked: z.object({ until: z.date(), reason: z.string() }).optional(),
  /** When it was last replayed: times are counted from then. */
  replayedAt: z.date().optional(),
  /** The last good answer, kept by a replay until another one replaces it. */
  previous: previous.optional(),
  /** The last word of a person about an answer. */
  feedback: feedback.optional(),
  /** The answer waits for a person to look at it; gone once somebody has judged it. */
  review: review.optional(),
  /** Absent where the picture goes by the standard lane. */
  lane: lane.optional(),
  /** Where it stands among the batch jobs; absent in other lanes, and once it is answered. */
  batch: batch.optional(),
  /** Who is notified when the image has ended. */
  webhook: webhook.optional(),
  /** When the sweep takes the image up if nothing has happened to it by then; absent once it has ended. */
  dueAt: z.date().optional(),
  claim,
  createdAt: z.date(),
  updatedAt: z.date(),
  /** Time to live: Firestore removes the document some time after this; readers treat it as absent from then on. */
  expireAt: z.date().optional(),
});

export type ResultDocument = z.infer<typeof resultDocument>;
export type Source = z.infer<typeof source>;
export type Prepared = z.infer<typeof prepared>;
export type Attempt = z.infer<typeof attempt>;
export type Evidence = z.infer<typeof evidence>;
export type ModelUse = z.infer<typeof model>;
export type TakenOver = z.infer<typeof takenOver>;
export type Cost = z.infer<typeof cost>;
export type PreviousAnswer = z.infer<typeof previous>;
export type Feedback = z.infer<typeof feedback>;
export type ReviewReason = z.infer<typeof review>['because'];
export type BatchShare = z.infer<typeof batch>;
export type AskedLane = z.infer<typeof lane>;
export type Webhook = z.infer<typeof webhook>;
export type Timings = z.infer<typeof timings>;
export type Stage = z.infer<typeof claim>['stage'];
