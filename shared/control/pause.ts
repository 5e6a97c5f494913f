import { z } from 'zod';
import { FAILURES, type FailureCode } from '../errors/codes.ts';

/** What is paused: everything, or the calls of one model. */
export type Target = 'pipeline' | { model: string };

/** Why nothing is called, and until when. */
export interface Pause {
  /** Epoch milliseconds; Infinity means until a person lifts it. */
  until: number;
  /** What a call would fail with, and what an image fails with instead of being called for. */
  code: FailureCode;
  /** One sentence for people. */
  reason: string;
}

/** Pauses that differ by less are the same one, told to several calls at once. */
const SAME_MS = 1_000;

export const isActive = (pause: Pause | undefined, nowMs: number): pause is Pause =>
  pause !== undefined && pause.until > nowMs;

/** Whether `wanted` goes on for longer than what is known. */
export const extendsPause = (known: Pause | undefined, wanted: Pause): boolean =>
  known === undefined || wanted.until > known.until + SAME_MS;

export const pathOf = (target: Target): string =>
  target === 'pipeline' ? 'control/pipeline' : `control/model-${encodeURIComponent(target.model)}`;

const code = z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]).default('PIPELINE_PAUSED');
const reason = z.string().default('paused by hand');

/** `control/pipeline`; without `until` the pause lasts until it is lifted. */
const pipelineDocument = z.object({
  paused: z.boolean(),
  until: z.date().nullish(),
  reason,
  code,
});

/** `control/model-<id>`. */
const modelDocument = z.object({ pausedUntil: z.date().nullish(), reason, code });

/** The pause that a control document holds, if any. Throws a ZodError for one that nobody could have meant. */
export function fromDocument(target: Target, data: Record<string, unknown>): Pause | undefined {
  if (target === 'pipeline') {
    const { paused, until, ...why } = pipelineDocument.parse(data);
    return paused ? { ...why, until: until?.getTime() ?? Number.POSITIVE_INFINITY } : undefined;
  }
  const { pausedUntil, ...why } = modelDocument.parse(data);
  return pausedUntil ? { ...why, until: pausedUntil.getTime() } : undefined;
}

/** When a person last lifted a pause, epoch milliseconds; 0 when the control document does not say. */
export const liftedAtOf = (data: Record<string, unknown> | undefined): number =>
  data?.['liftedAt'] instanceof Date ? data['liftedAt'].getTime() : 0;

/** Field values of the control document of a pause; `undefined` lifts it. */
export function toDocument(target: Target, pause: Pause | undefined, nowMs: number): Record<string, unknown> {
  const until = pause && Number.isFinite(pause.until) ? new Date(pause.until) : null;
  const now = new Date(nowMs);
  // A pause leaves the time at which the one before it was lifted.
  const why = pause
    ? { reason: pause.reason, code: pause.code, updatedAt: now }
    : { reason: 'lifted', code: undefined, updatedAt: now, liftedAt: now };
  return target === 'pipeline'
    ? { paused: pause !== undefined, until, ...why }
    : { pausedUntil: until, ...why };
}
