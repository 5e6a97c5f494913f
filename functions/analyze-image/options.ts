import type { z } from 'zod';
import type { Invariant } from '../../shared/base/config.ts';
import { gateInvariants, gateVariables } from '../../shared/model/gate/options.ts';
import { routingVariables } from '../../shared/model/gate/routing.ts';
import { backendInvariants, backendVariables } from '../../shared/model/gemini/backends.ts';
import { moneyVariables } from '../../shared/money/index.ts';
import { profilesVariables } from '../../shared/profiles/options.ts';
import {
  controlVariables,
  leaseOutlastsFunction,
  leaseVariables,
  resultsVariables,
} from '../../shared/results/options.ts';
import { doorbellVariables } from '../../shared/results/webhooks/doorbell.ts';
import { fallbackInvariants, fallbackVariables } from './fallback.ts';
import { flexInvariants, flexVariables } from './flex.ts';
import { toBatchVariables } from './to-batch.ts';

/** Variables of analyze-image. Times in milliseconds. */
export const analyzeVariables = {
  ...profilesVariables,
  ...resultsVariables,
  ...leaseVariables,
  ...doorbellVariables,
  ...backendVariables,
  ...fallbackVariables,
  ...gateVariables,
  ...flexVariables,
  ...toBatchVariables,
  ...controlVariables,
  ...routingVariables,
  ...moneyVariables,
};

type Config = z.infer<z.ZodObject<typeof analyzeVariables>>;

export const analyzeInvariants: readonly Invariant<Config>[] = [
  leaseOutlastsFunction,
  ...backendInvariants,
  ...fallbackInvariants,
  ...gateInvariants,
  ...flexInvariants,
];
