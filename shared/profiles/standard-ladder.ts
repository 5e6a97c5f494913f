import { decisionStep } from './decision-step.ts';
import type { LadderStep } from './define.ts';

/**
 * From cheap to dear: the small model at a coarse, then a fine resolution, then the larger model. More pixels are
 * cheaper than a larger model and fix most misreadings of dense pictures.
 */
export const STANDARD_LADDER: readonly [LadderStep, ...LadderStep[]] = [
  {
    models: ['gemini-3.5-flash-lite'],
    mediaResolution: 'MEDIUM',
    thinkingLevel: 'minimal',
    maxOutputTokens: 2048,
  },
  {
    models: ['gemini-3.5-flash-lite'],
    mediaResolution: 'HIGH',
    thinkingLevel: 'minimal',
    maxOutputTokens: 4096,
  },
  { models: ['gemini-3.8-flash'], mediaResolution: 'HIGH', thinkingLevel: 'low', maxOutputTokens: 8192 },
];

const [coarse, fine] = STANDARD_LADDER;

/** Ladders that profiles name. */
export const LADDERS = {
  standard: STANDARD_LADDER,
  /** Never asks the larger model: for questions that the small one answers, or that are not worth more. */
  'small-model': fine ? [coarse, fine] : [coarse],
  /** Preview. Closed fields are decided, not written, for about a fifth of the price; what stays unsure climbs as always. */
  decision: [decisionStep('MEDIUM'), ...STANDARD_LADDER],
} as const satisfies Readonly<Record<string, readonly [LadderStep, ...LadderStep[]]>>;
