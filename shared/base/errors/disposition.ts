/** How an image with this failure goes on. `redelivered`: the function answers 503; `parked`: it waits until a named time. */
type Ends = 'refused' | 'failed' | 'redelivered' | 'parked';

/** Who can do something about it. `access`: key, role or credit, without which no model may be called. */
type Fault =
  | 'picture'
  | 'uploader'
  | 'profile'
  | 'service'
  | 'quota'
  | 'budget'
  | 'access'
  | 'operator'
  | 'pipeline';

/** Whether the call is repeated in place: with full jitter, after the wait the server named, or once with the issues. */
type Retry = 'never' | 'backoff' | 'as-told' | 'repair';

/**
 * Who may do better: another model named for the same step, or also the next step of the ladder; with `next-model`
 * only a step that another model answers.
 */
type WhoElse = 'nobody' | 'alternative' | 'next-step' | 'next-model';

/** What is left alone by all instances until the failure is over. */
type Pauses = 'nothing' | 'model' | 'pipeline';

/** What a call tells of the model's health: the breaker counts `failing`, the concurrency follows `crowded`, both `overloaded`. */
type Health = 'unknown' | 'failing' | 'crowded' | 'overloaded';

/** Whether it lasts long enough for a fallback to answer in the meantime. */
type Meanwhile = 'nothing' | 'stopgap';

/** Whether the execution counts toward RUNAWAY. A service that did not answer is not the picture's fault. */
type Runaway = 'counted' | 'excused';

/** Where a replay begins, where both pictures exist. */
type ReplayFrom = 'upload' | 'prepared';

/** Whether a context cache that was used with the call may be the reason; it is then asked again without. */
type ContextCache = 'kept' | 'suspect';

/** A row of the failure table. Every column must be decided; the last one is what a person does next. */
export type FailureRow = readonly [
  ends: Ends,
  fault: Fault,
  retry: Retry,
  whoElse: WhoElse,
  pauses: Pauses,
  health: Health,
  meanwhile: Meanwhile,
  runaway: Runaway,
  replayFrom: ReplayFrom,
  contextCache: ContextCache,
  hint: string,
];

/** A row as policy code reads it. */
export interface Disposition {
  ends: Ends;
  fault: Fault;
  retry: Retry;
  /** Whether another model of the same step may do better; true wherever the next step may. */
  alternative: boolean;
  nextStep: boolean;
  /** Whether asking the same model about this picture again, at whatever step, can only come to the same. */
  otherModel: boolean;
  /** Whether delivering the event again later could help; the function then answers 503. */
  redeliver: boolean;
  /** Whether the image waits, acknowledged, until a named time. */
  park: boolean;
  /** How the result document ends when nothing above applies. */
  status: 'failed' | 'refused';
  pauses: Pauses;
  countsForBreaker: boolean;
  lowersConcurrency: boolean;
  stopgap: boolean;
  excused: boolean;
  replayFrom: ReplayFrom;
  cacheSuspect: boolean;
  hint: string;
}

export function toDisposition(row: FailureRow): Disposition {
  const [ends, fault, retry, whoElse, pauses, health, meanwhile, runaway, replayFrom, contextCache, hint] =
    row;
  return {
    ...{ ends, fault, retry, pauses, replayFrom, hint },
    alternative: whoElse !== 'nobody',
    nextStep: whoElse === 'next-step' || whoElse === 'next-model',
    otherModel: whoElse === 'next-model',
    redeliver: ends === 'redelivered',
    park: ends === 'parked',
    status: ends === 'refused' ? 'refused' : 'failed',
    countsForBreaker: health === 'failing' || health === 'overloaded',
    lowersConcurrency: health === 'crowded' || health === 'overloaded',
    stopgap: meanwhile === 'stopgap',
    excused: runaway === 'excused',
    cacheSuspect: contextCache === 'suspect',
  };
}
