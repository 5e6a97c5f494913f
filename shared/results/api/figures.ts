import { z } from 'zod';
import { FAILURE_CODES } from '../../base/errors/codes.ts';
import { STATUSES } from '../statuses.ts';

const time = z.iso.datetime();
const count = z.number().int();
const share = z.number().min(0).max(1);

const latency = z.object({
  images: count,
  averageMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
});

const pause = z.object({
  target: z.string().describe('`pipeline`, or the id of a model'),
  until: time.nullable().describe('null: until a person lifts it'),
  code: z.string(),
  reason: z.string(),
});

export const STAGE_TIMES = [
  'queueMs',
  'downloadMs',
  'resizeMs',
  'uploadMs',
  'modelMs',
  'storeMs',
  'totalMs',
] as const;

const failure = z
  .object({
    code: z.enum(FAILURE_CODES),
    status: z.enum(['failed', 'refused', 'parked']),
    hint: z.string().describe('what to do next'),
    images: count,
    share: share.describe('of the images of the sample that ended or are parked'),
    alarming: z
      .boolean()
      .describe('somebody has to do something: it is a matter neither of single pictures nor of waiting'),
  })
  .meta({ id: 'FailureShare' });

const satisfaction = z
  .object({
    weeks: z
      .array(
        z
          .object({
            week: z.string().describe('ISO 8601, in UTC, of the upload; e.g. 2026-W48'),
            rows: z.array(
              z
                .object({
                  profile: z.string(),
                  model: z.string(),
                  step: count.describe('of the ladder, from 0'),
                  judged: count,
                  right: count.describe('of those judged'),
                })
                .meta({ id: 'SatisfactionRow' }),
            ),
          })
          .meta({ id: 'SatisfactionWeek' }),
      )
      .describe('newest first; weeks of which nothing was said are left out'),
  })
  .meta({ id: 'Satisfaction' });

/** `GET /v1/stats` */
export const stats = z
  .object({
    at: time.describe('these figures are a few seconds old at most'),
    counts: z.record(z.enum(STATUSES), count).describe('all results, by stage'),
    sample: z
      .object({
        images: count.describe('the newest results; the figures below are of these'),
        from: time.nullable(),
        until: time.nullable(),
        ended: count.describe('completed, failed or refused'),
        successRate: share.nullable().describe('completed of those that ended'),
        latency: z.record(z.enum(STAGE_TIMES), latency.nullable()).describe('of completed results, by stage'),
        costUsdPer1000: z.number().nullable().describe('per 1,000 completed results'),
        cacheHits: count,
        savedByCacheUsd: z.number(),
        failures: z
          .array(failure)
          .describe('what kept images of the sample from their answer, the most frequent first'),
      })
      .describe('bounded, so that asking costs the same however many results there are'),
    paused: z.array(pause).describe('what rests now, and until when'),
    satisfaction: satisfaction
      .exactOptional()
      .describe('what people said of the answers, by week; where nothing is narrowed to one uploader'),
  })
  .meta({ id: 'Stats' });

export type Stats = z.infer<typeof stats>;

const line = z.object({
  images: count,
  cacheHits: count,
  calls: count,
  tokens: z.object({ prompt: count, image: count, cached: count, thoughts: count, output: count }),
  usd: z.number().describe('billed'),
  usdPer1000: z.number().describe('per 1,000 images'),
  estimatedUsd: z.number().describe('expected of the first calls of the pictures'),
  drift: z
    .number()
    .nullable()
    .describe(
      '(bill - estimate) / estimate of answered calls, each held against its own estimate; null below 50 of them',
    ),
  driftFlagged: z
    .boolean()
    .describe('a drift of more than a tenth: the prices or the estimates need looking at'),
  compared: z
    .object({ calls: count, estimatedUsd: z.number(), usd: z.number() })
    .describe('answered calls whose tokens are known: what they were expected to cost and did'),
  lostUsd: z.number().describe('calls whose answer never came, not in `usd`'),
  savedByCacheUsd: z.number(),
  savedByLadderUsd: z.number().describe('against asking the top step of the ladder at once'),
  savedBytes: z.number().describe('of uploads against the pictures made of them'),
});

const lines = z.record(z.string(), line);

/** `GET /v1/cost` */
export const cost = z
  .object({
    from: z.iso.date().describe('in UTC'),
    until: z.iso.date(),
    total: line,
    days: lines,
    profiles: lines,
    models: lines,
    uploaders: lines,
    budget: z
      .object({
        day: z.iso.date(),
        limitUsd: z.number(),
        committedUsd: z.number().describe('spent, or held for calls under way'),
      })
      .nullable()
      .describe('of the last day; null when nothing drew on one'),
  })
  .meta({ id: 'Cost' });

export type CostView = z.infer<typeof cost>;
