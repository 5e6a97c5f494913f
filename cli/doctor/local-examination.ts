import type { Environment, Target } from '../target.ts';
export interface LocalExamination {
  target: Target;
  env: Environment;
  /** An image on which nothing has moved for this long is a warning, in milliseconds. */
  waitingMs: number;
  nowMs: number;
}
export const RESTART = 'Stop npm start (Ctrl-C) and start it again: npm start';
