import { z } from 'zod';
import type { Log } from '../../base/log.ts';
import { createBell } from '../../cloud/pubsub.ts';

/** Variables of the functions that end images. */
export const doorbellVariables = {
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  /** Topic that the function webhook listens to; without it webhooks are delivered by the schedule alone. */
  WEBHOOKS_TOPIC: z.string().optional(),
};

type DoorbellConfig = z.infer<z.ZodObject<typeof doorbellVariables>>;

/** Tells the function `webhook` that a result is to be delivered now. */
export function doorbell(config: DoorbellConfig, log: Log): (id: string) => Promise<void> {
  const {
    WEBHOOKS_TOPIC: topic,
    GOOGLE_CLOUD_PROJECT: projectId,
    PUBSUB_EMULATOR_HOST: emulatorHost,
  } = config;
  const ring = createBell<{ id: string }>({ topic, projectId, emulatorHost }, (error, { id }) =>
    log.warn('webhook.not-rung', { id, error: String(error) }),
  );
  return (id) => ring({ id });
}
