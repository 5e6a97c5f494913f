import type { z } from 'zod';
import type { Invariant } from '../../shared/config/load.ts';
import { controlVariables } from '../../shared/control/options.ts';
import { leaseOutlastsFunction, leaseVariables } from '../../shared/results/lease.ts';
import { resultsVariables } from '../../shared/results/options.ts';
import { doorbellVariables } from '../../shared/webhooks/doorbell.ts';
import { backendInvariants, backendVariables } from './backends.ts';
import { fallbackInvariants, fallbackVariables } from './fallback.ts';
import { guardInvariants, guardVariables } from './guard-options.ts';
import { moneyVariables } from './money.ts';
import { routingVariables } from './routing.ts';

/** Variables of analyze-image. Times in milliseconds. */
export const analyzeVariables = {
  ...resultsVariables,
  ...leaseVariables,
  ...doorbellVariables,
  ...backendVariables,
  ...fallbackVariables,
  ...guardVariables,
  ...controlVariables,
  ...routingVariables,
  ...moneyVariables,
};

type Config = z.infer<z.ZodObject<typeof analyzeVariables>>;

export const analyzeInvariants: readonly Invariant<Config>[] = [
  leaseOutlastsFunction,
  ...backendInvariants,
  ...fallbackInvariants,
  ...guardInvariants,
];
