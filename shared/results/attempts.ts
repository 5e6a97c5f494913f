import type { Attempt } from './document.ts';

/** Of the rows that stand for an answer taken over, from the same picture or from one that looks alike. */
const WITHOUT_CALL: readonly string[] = ['cache', 'look-alike'];

/** Whether a model was asked. */
export const isModelCall = ({ outcome }: Pick<Attempt, 'outcome'>): boolean =>
  !WITHOUT_CALL.includes(outcome);
