import { type ResultDocument, resultDocument } from '../shared/results/document.ts';
import { ANSWERS, type AnswerOf, isProfileName, type ProfileName } from './answers.ts';

type Ended = 'completed';

/** A result document of one profile: `results/{id}` with its times as Dates. Only a completed one has an answer. */
export type ResultOf<P extends ProfileName> = Omit<ResultDocument, 'profile' | 'status' | 'answer'> & {
  profile: P;
} & (
    | { status: Ended; answer: AnswerOf<P> }
    | { status: Exclude<ResultDocument['status'], Ended>; answer?: undefined }
  );

/** Distributed over the profiles, so that `profile` tells which answer it is. */
export type AnyResult = { [P in ProfileName]: ResultOf<P> }[ProfileName];

/** A document is not what it should be: of another version of the pipeline, or of another profile. */
export class UnreadableResult extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableResult';
  }
}

/**
 * Checks and types what Firestore gave: `readResult(snapshot.data())`, with the profile if only one is expected:
 * `readResult(snapshot.data(), 'inventory')`.
 *
 * @throws UnreadableResult
 */
export function readResult(data: unknown): AnyResult;
export function readResult<P extends ProfileName>(data: unknown, profile: P): ResultOf<P>;
export function readResult(data: unknown, expected?: ProfileName): AnyResult {
  const parsed = resultDocument.safeParse(withDates(data));
  if (!parsed.success) throw unreadable('The document is no result of this version', parsed.error);
  const { profile, status, answer } = parsed.data;
  if (!isProfileName(profile)) throw unreadable(`The profile ${profile} is not known here`);
  if (expected !== undefined && profile !== expected)
    throw unreadable(`The result is of the profile ${profile}, not ${expected}`);
  if (status !== 'completed') {
    const { answer: _before, ...rest } = parsed.data;
    return rest as AnyResult;
  }
  const checked = ANSWERS[profile].safeParse(answer);
  if (!checked.success) throw unreadable(`The answer is not one of ${profile} as it is now`, checked.error);
  return { ...parsed.data, answer: checked.data } as AnyResult;
}

const unreadable = (message: string, cause?: unknown): UnreadableResult =>
  new UnreadableResult(`${message}.`, cause === undefined ? {} : { cause });

/** Timestamps of any Firestore client have `toDate`. */
function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if ('toDate' in value && typeof value.toDate === 'function') return value.toDate();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withDates(item)]));
}
