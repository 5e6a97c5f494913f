import { z } from 'zod';
import type { Pause } from './pause.ts';

/** Who answers while no model can; the functions of both stages are told the same. */
export const fallbackChoice = {
  FALLBACK: z.enum(['none', 'local-reader'], { error: 'expected none or local-reader' }).default('none'),
};

/** The pipeline is paused because no model lets us call it, not because somebody wants it to rest. */
export const isForWantOfAccess = ({ code }: Pick<Pause, 'code'>): boolean =>
  code === 'MODEL_CREDENTIALS' || code === 'MODEL_CREDIT';
