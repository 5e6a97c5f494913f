import { z } from 'zod';
import { STATUSES, type Status } from './statuses.ts';

/**
 * What can be read of any result document, also of one that another version of this code has written: during a rollout
 * two run side by side. A field that is not as it should be is absent.
 */
export interface Head {
  status?: Status | undefined;
  /** Of the upload. */
  generation?: string | undefined;
  owner?: string | undefined;
  /** The owner whose execution has been booked. */
  booked?: string | undefined;
  /** Whether a person has said something about its answer. */
  isJudged?: boolean;
}

const text = z.string().optional().catch(undefined);

const head = z.object({
  status: z.enum(STATUSES).optional().catch(undefined),
  source: z
    .object({ generation: z.string().regex(/^\d+$/).optional().catch(undefined) })
    .catch({ generation: undefined }),
  claim: z.object({ owner: text, booked: text }).catch({ owner: undefined, booked: undefined }),
  feedback: z.unknown().optional(),
});

export function headOf(data: Record<string, unknown>): Head {
  const { status, source, claim, feedback } = head.parse(data);
  return { status, generation: source.generation, ...claim, isJudged: feedback !== undefined };
}
