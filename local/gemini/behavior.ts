import { z } from 'zod';
import { FAULTS } from './fault-names.ts';

/** Shares and shares' sum are 0..1; durations in milliseconds unless the name says otherwise. */
const share = z.number().min(0).max(1);
const milliseconds = z.number().min(0);

const latency = z.union([milliseconds, z.strictObject({ p50: milliseconds, p95: milliseconds })]);

const quotas = z.strictObject({
  /** Requests in a sliding minute. */
  perMinute: z.number().int().min(0).optional(),
  /** Requests since midnight in Los Angeles. */
  perDay: z.number().int().min(0).optional(),
  /** Prompt tokens in a sliding minute. */
  tokensPerMinute: z.number().int().min(0).optional(),
});

const batchEnd = z.enum(['answered', 'failed', 'expired', 'stuck']);
const batchCreation = z.enum(['heard', 'unheard', 'lost', 'quota']);

const stepBase = {
  /** Only a call to this model takes the step. */
  model: z.string().optional(),
  /** Only a call that asks for its pictures at this resolution takes the step. */
  mediaResolution: z.enum(['LOW', 'MEDIUM', 'HIGH', 'ULTRA_HIGH']).optional(),
  latencyMs: latency.optional(),
  /** How many calls take the step before it is used up; 1 by default. */
  times: z.number().int().min(1).optional(),
};

const step = z.union([
  z.strictObject({ ...stepBase, fault: z.enum(FAULTS), retryDelaySeconds: z.number().min(0).optional() }),
  z.strictObject({ ...stepBase, answer: z.literal('read') }),
  z.strictObject({ ...stepBase, json: z.json() }),
  z.strictObject({ ...stepBase, text: z.string() }),
  z.strictObject({
    ...stepBase,
    reply: z.strictObject({
      status: z.number().int().min(200).max(599),
      body: z.union([z.string(), z.json()]),
      headers: z.record(z.string(), z.string()).optional(),
    }),
  }),
]);

const perModel = {
  /** Time a call takes: fixed, or log-normal through p50 and p95. */
  latencyMs: latency,
  /** Share of calls that go wrong, by fault. */
  errorRates: z.partialRecord(z.enum(FAULTS), share),
  quotas,
  /** What a fault of the quota kind tells to wait when no quota is counted. */
  retryDelaySeconds: z.number().min(0),
  /** Share of flex calls that are refused for want of capacity, before a script is asked. */
  flexShedShare: share,
  /** Time a flex call takes; that of any call when absent. */
  flexLatencyMs: latency.optional(),
  /** Share of priority calls that are served, and billed, as standard. */
  priorityOverflowShare: share,
  /** Time until a batch job begins to run. */
  batchPendingMs: latency,
  /** Time that a row of a running job takes. */
  batchRowMs: milliseconds,
  /** A job that has not ended after this time expires, answers and all. */
  batchLongestMs: milliseconds,
  /** What becomes of batch jobs; a stuck one stays pending until somebody cancels it, or it expires. */
  batchEnds: batchEnd,
  /** Shares of jobs that end otherwise. */
  batchEndRates: z.partialRecord(batchEnd, share),
  /** What becomes of their creation: refused for want of quota, done without an answer, or never heard of. */
  batchCreate: batchCreation,
  /** Shares of creations that go otherwise. */
  batchCreateRates: z.partialRecord(batchCreation, share),
  /** Batch jobs of the Developer API at once. */
  batchMaxJobs: z.number().int().min(0).optional(),
  /** Share of rows that are answered and billed, but missing in the output. */
  batchLostShare: share,
  /** Until this time (epoch milliseconds) every call is answered 503. */
  outageUntil: z.number(),
};

const complete = z.strictObject({
  ...perModel,
  /** What the next calls do, before anything else is asked; used up from the front. */
  script: z.array(step),
  /** Settings of one model over the common ones. */
  models: z.record(z.string(), z.strictObject(perModel).partial()),
  /** 0.1 makes a latency, a quota's minute and a retry delay last a tenth. */
  timeScale: z.number().gt(0),
});

/** How the simulator behaves; every field has a quiet default. */
export type Behavior = z.infer<typeof complete>;
export type Step = z.infer<typeof step>;
export type Latency = z.infer<typeof latency>;
export type Quotas = z.infer<typeof quotas>;
export type ModelBehavior = Pick<Behavior, keyof typeof perModel>;

export const QUIET: Behavior = {
  latencyMs: 0,
  errorRates: {},
  quotas: {},
  retryDelaySeconds: 25.08,
  flexShedShare: 0,
  priorityOverflowShare: 0,
  batchPendingMs: 0,
  batchRowMs: 0,
  // https://ai.google.dev/gemini-api/docs/batch-api: "pending or running for more than 48 hours".
  batchLongestMs: 172_800_000,
  batchEnds: 'answered',
  batchEndRates: {},
  batchCreate: 'heard',
  batchCreateRates: {},
  batchLostShare: 0,
  outageUntil: 0,
  script: [],
  models: {},
  timeScale: 1,
};

const change = complete.partial();

/** @throws ZodError naming each setting that does not fit. */
export function changeBehavior(current: Behavior, wanted: unknown): Behavior {
  const parsed = change.parse(wanted);
  const given = Object.entries(parsed).filter(([, value]) => value !== undefined);
  return { ...current, ...(Object.fromEntries(given) as Partial<Behavior>) };
}

export function behaviorOf(behavior: Behavior, model: string): ModelBehavior {
  const own = Object.hasOwn(behavior.models, model) ? behavior.models[model] : undefined;
  const given = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  return { ...behavior, ...(Object.fromEntries(given) as Partial<ModelBehavior>) };
}
