import type { Environment, Target } from '../target.ts';
import type { AskedProfiles } from './asked-profiles.ts';

export interface LocalExamination {
  target: Target;
  env: Environment;
  /** An image on which nothing has moved for this long is a warning, in milliseconds. */
  waitingMs: number;
  nowMs: number;
  /** What its pictures are asked by. */
  stored: AskedProfiles;
}
