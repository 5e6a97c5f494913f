import { z } from 'zod';
import { resultId } from './result.ts';

/** What `POST /v1/uploads` answers: one request that stores the picture straight in the bucket. */
export const uploadTicket = z
  .object({
    id: resultId,
    name: z.string().describe('of the object in the uploads bucket'),
    url: z.string().describe('signed address; whoever has it may upload this one file'),
    method: z.literal('PUT'),
    headers: z.record(z.string(), z.string()).describe('signed too: send exactly these'),
    expiresAt: z.iso.datetime(),
    maxBytes: z.number().int(),
    resultUrl: z.string(),
  })
  .meta({ id: 'UploadTicket' });

export type UploadTicket = z.infer<typeof uploadTicket>;

/** What `POST /v1/results/{id}/replay` answers. */
export const replayed = z
  .object({
    id: resultId,
    status: z.literal('queued'),
    from: z.enum(['resize', 'analyze']).describe('the stage that it begins at'),
    resultUrl: z.string(),
  })
  .meta({ id: 'Replayed' });

export type Replayed = z.infer<typeof replayed>;
