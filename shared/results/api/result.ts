import { z } from 'zod';
import { FAILURES, type FailureCode } from '../../base/errors/codes.ts';
import { resultDocument } from '../document.ts';
import { STATUSES, VIEW_STATUSES } from '../statuses.ts';

const stored = resultDocument.shape;
const time = z.iso.datetime().describe('ISO 8601, UTC');

export const resultIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .describe('first 32 hex characters of sha256(bucket + "/" + name)');

const { bytes, contentType, format, generation, height, name, passedOver, uploader, width } =
  stored.source.shape;

const source = z
  .object({
    url: z.string().describe('gs://bucket/name'),
    name,
    generation,
    contentType,
    bytes,
    uploader,
    uploadedAt: time.nullable(),
    passedOver: passedOver
      .unwrap()
      .exactOptional()
      .describe('wishes in the metadata of the upload that cannot be met, each with why'),
    format: format.unwrap().exactOptional(),
    width: width.unwrap().exactOptional().describe('pixels'),
    height: height.unwrap().exactOptional().describe('pixels'),
  })
  .meta({ id: 'Source' });

const { preparation, quality } = stored.prepared.unwrap().shape;

const prepared = stored.prepared
  .unwrap()
  .pick({ width: true, height: true, bytes: true, reencoded: true })
  .extend({
    preparation: preparation.unwrap().exactOptional().describe('how it was shrunk, as the profile says'),
    quality: quality.unwrap().exactOptional().describe('JPEG quality, 1 to 100'),
  })
  .meta({ id: 'Prepared' });

const failureFields = z.object({
  code: z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]),
  message: z.string(),
  hint: z.string().describe('what a person does next'),
});
const failure = failureFields.meta({ id: 'Failure' });

const previous = stored.previous.unwrap().omit({ partial: true, model: true }).extend({
  at: time,
  partial: z.boolean().exactOptional(),
  model: stored.model.unwrap().exactOptional(),
});

const feedback = stored.feedback
  .unwrap()
  .omit({ answer: true, unlabeled: true })
  .extend({
    at: time,
    isCurrent: z.boolean().describe('false: it judges an earlier answer, before a replay'),
  })
  .meta({ id: 'Feedback' });

const review = z
  .object({
    because: stored.review.unwrap().shape.because,
    isHeld: z.boolean().describe('true while somebody looks at it'),
  })
  .meta({ id: 'Review' });

const askedLane = stored.lane.unwrap();

const lane = askedLane
  .pick({ asked: true, patienceMs: true })
  .extend({ served: askedLane.shape.served.unwrap().exactOptional() })
  .meta({ id: 'Lane' });

const webhook = z
  .object({
    state: z.enum(['waiting', 'due', 'delivered', 'given-up']),
    attempts: z.number().int(),
    failure: z.string().exactOptional().describe('why the last attempt failed'),
  })
  .meta({ id: 'WebhookDelivery' });

/** A result as JSON: what the API answers and the page shows. Times are ISO 8601, sizes bytes and pixels. */
export const resultView = z
  .object({
    id: resultIdSchema,
    status: z.enum(VIEW_STATUSES),
    stage: z.enum(STATUSES).describe('the finer word for the status'),
    profile: z.string(),
    profileVersion: z.number().int(),
    source,
    prepared: prepared.exactOptional(),
    imageUrl: z.string().exactOptional().describe('where the prepared picture is, once it is written'),
    answer: stored.answer
      .unwrap()
      .meta({ id: 'Answer' })
      .exactOptional()
      .describe("what the profile's schema says"),
    answerText: z
      .string()
      .exactOptional()
      .describe('the answer as JSON text, where Firestore refuses to hold it as data'),
    partial: z.boolean().exactOptional().describe('true: salvaged from a reply that was cut off'),
    degraded: z
      .boolean()
      .exactOptional()
      .describe('true: found by a fallback while no model could answer; a model is asked later'),
    model: stored.model
      .unwrap()
      .meta({ id: 'AnsweringModel' })
      .exactOptional()
      .describe('what really answered'),
    takenOver: stored.takenOver
      .unwrap()
      .meta({ id: 'TakenOver' })
      .exactOptional()
      .describe('the answer is that of a picture which looks alike: its id and name, and how much, 0 to 1'),
    attempts: z
      .array(stored.attempts.unwrap().element.extend({ at: time }).meta({ id: 'ModelAttempt' }))
      .describe('every model call'),
    cost: stored.cost.unwrap().meta({ id: 'ResultCost' }).exactOptional().describe('US dollars'),
    timings: stored.timings.unwrap().meta({ id: 'Timings' }).describe('milliseconds'),
    failure: failure.exactOptional(),
    lastFailure: failureFields
      .omit({ hint: true })
      .extend({ at: time })
      .meta({ id: 'LastFailure' })
      .exactOptional()
      .describe('why the last execution failed although the image is still being worked on'),
    parked: z.object({ until: time, reason: z.string() }).meta({ id: 'Parked' }).exactOptional(),
    replayedAt: time.exactOptional().describe('when it was last replayed; times are counted from then'),
    previous: previous
      .exactOptional()
      .describe('the last good answer, kept by a replay until a new one replaces it'),
    feedback: feedback.exactOptional(),
    review: review
      .exactOptional()
      .describe('the answer waits for a person: unsure, a check that it breaks, cut off, or a sample'),
    lane: lane
      .exactOptional()
      .describe('how it was to be served and billed, and which lane did; absent for the standard lane'),
    webhook: webhook.exactOptional().describe('whether the address was notified'),
    executions: z.number().int().describe('of this version of the picture so far, both stages together'),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Result' });

export type ResultView = z.infer<typeof resultView>;

/** A picture that is in the bucket and that nothing has looked at yet. */
export const pendingResult = z
  .object({
    id: resultIdSchema,
    status: z.literal('queued'),
    stage: z.literal('uploaded'),
    name: z.string(),
  })
  .meta({ id: 'PendingResult' });

export type PendingResult = z.infer<typeof pendingResult>;

export const anyResult = resultView.or(pendingResult).meta({ id: 'AnyResult' });
