import type { Position } from '../../../shared/results/reading.ts';
import { Problem } from '../problem.ts';

const SHAPE = /^(\d{1,15})\.([^/]{1,200})$/;

/** A place in the list as one opaque word for URLs. */
export const cursorOf = ({ createdAt, id }: Position): string =>
  Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');

/** Throws INVALID_REQUEST for a word that no list gave out. */
export function positionOf(cursor: string): Position {
  const match = SHAPE.exec(Buffer.from(cursor, 'base64url').toString());
  const [, milliseconds, id] = match ?? [];
  const createdAt = new Date(Number(milliseconds));
  if (milliseconds === undefined || id === undefined || Number.isNaN(createdAt.getTime())) {
    throw new Problem(
      'INVALID_REQUEST',
      'The cursor is not one that this list gave out.',
      'Start again without a cursor.',
    );
  }
  return { createdAt, id };
}
