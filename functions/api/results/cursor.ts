import { CURSOR, isStorable } from '../../../shared/results/api/requests.ts';
import type { Position } from '../../../shared/results/reading.ts';
import { Problem } from '../problem.ts';

/** A place in the list as one opaque word for URLs; to the nanosecond, as Firestore keeps its times. */
export const cursorOf = ({ createdAt: { seconds, nanoseconds }, id }: Position): string =>
  `${seconds}.${String(nanoseconds).padStart(9, '0')}.${id}`;

/** Throws INVALID_REQUEST for a word that no list gave out. */
export function positionOf(cursor: string): Position {
  const [, seconds, nanoseconds, id] = CURSOR.exec(cursor) ?? [];
  if (id === undefined || !isStorable(new Date(Number(seconds) * 1_000))) {
    throw new Problem(
      'INVALID_REQUEST',
      'The cursor is not one that this list gave out.',
      'Start again without a cursor.',
    );
  }
  return { createdAt: { seconds: Number(seconds), nanoseconds: Number(nanoseconds) }, id };
}
