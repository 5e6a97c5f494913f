import { z } from 'zod';
import type { Invariant } from '../../shared/config/load.ts';
import { text } from '../../shared/config/variables.ts';
import { controlVariables } from '../../shared/control/options.ts';
import { leaseOutlastsFunction, leaseVariables } from '../../shared/results/lease.ts';
import { resultsVariables } from '../../shared/results/options.ts';
import { guardInvariants, guardVariables } from './guard-options.ts';
import { moneyVariables } from './money.ts';
import { routingVariables } from './routing.ts';

/** Variables of analyze-image. Times in milliseconds. */
export const analyzeVariables = {
  ...resultsVariables,
  ...leaseVariables,
  GEMINI_API_KEY: text('an API key of the Gemini API'),
  /** Where the Gemini API is; not set means Google. */
  GEMINI_BASE_URL: z.url({ error: 'expected a URL such as http://127.0.0.1:8085' }).optional(),
  ...guardVariables,
  ...controlVariables,
  ...routingVariables,
  ...moneyVariables,
};

type Config = z.infer<z.ZodObject<typeof analyzeVariables>>;

export const analyzeInvariants: readonly Invariant<Config>[] = [leaseOutlastsFunction, ...guardInvariants];
