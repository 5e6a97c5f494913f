import { z } from 'zod';

/**
 * The life of a batch job. Each state is written before what it announces is done, so that an instance that takes the job over
 * after a crash knows what may have happened:
 *
 *   assembling ── creating ── running ──────── settling ── ended
 *   pictures join  intent      Google has it      │   rows are stored one by one; what is left goes on otherwise
 *   and money is   written     └── cancelling ────┘
 *   reserved       before create
 */
export const BATCH_STATES = ['assembling', 'creating', 'running', 'cancelling', 'settling', 'ended'] as const;

/** How Google ended it, or why it never had it. */
const BATCH_OUTCOMES = [
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'gone',
  'stuck',
  'refused',
  'empty',
] as const;

const count = z.number().int();

/** What became of the pictures of a job so far. */
const counts = z.object({
  /** Answered and stored. */
  answered: count.default(0),
  /** Ended without an answer. */
  failed: count.default(0),
  /** Wait for another job: a next step, a repair, or no word from this one. */
  again: count.default(0),
  /** Go by flex or standard. */
  returned: count.default(0),
  /** Deleted, replaced or taken over meanwhile. */
  superseded: count.default(0),
});

/** `batches/{id}`. Times are Dates here, timestamps in Firestore. */
export const batchJob = z.object({
  state: z.enum(BATCH_STATES),
  outcome: z.enum(BATCH_OUTCOMES).optional(),
  /** Why it ended without answers, or what went wrong last. */
  problem: z.string().optional(),
  api: z.enum(['developer', 'vertex']),
  model: z.string(),
  profile: z.string(),
  profileVersion: z.number(),
  group: z.string(),
  /** The day whose budgets it draws on. */
  day: z.string(),
  pictures: count.default(0),
  /** Of the requests. */
  bytes: count.default(0),
  tokens: count.default(0),
  reservedUsd: z.number().default(0),
  /** Billed so far. */
  costUsd: z.number().default(0),
  /** maxOutputTokens of every request, where the money reaches for shorter answers only. */
  leash: count.optional(),
  /** Google's name of the file of requests, or its place in the bucket. */
  input: z.string().optional(),
  /** Google's name of the job. */
  name: z.string().optional(),
  /** Where Google puts the answers. */
  output: z.string().optional(),
  /** When its creation was last tried; absent after a clear refusal. */
  triedAt: z.date().optional(),
  /** Requests that Google has answered and refused. */
  progress: z.object({ answered: count, refused: count }).optional(),
  counts: counts.default({ answered: 0, failed: 0, again: 0, returned: 0, superseded: 0 }),
  /** Lines of the answers that are settled. */
  settledLines: count.default(0),
  /** It is given up then. */
  deadline: z.date(),
  /** Nobody looks at it before. */
  notBefore: z.date(),
  /** A person wants it given up. */
  cancelRequestedAt: z.date().optional(),
  cancelledAt: z.date().optional(),
  /** Who works on it, and until when nobody else may. */
  lease: z.object({ owner: z.string(), until: z.date() }).optional(),
  createdAt: z.date(),
  updatedAt: z.date(),
  endedAt: z.date().optional(),
  expireAt: z.date(),
});

export type BatchJob = z.infer<typeof batchJob>;
