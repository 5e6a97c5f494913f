import { z } from 'zod';
import type { Log } from '../../base/log.ts';
import { PubSub } from '../../cloud/pubsub.ts';

/** Variables of the functions that end images. */
export const doorbellVariables = {
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  /** Topic that the function webhook listens to; without it webhooks are delivered by the schedule alone. */
  WEBHOOKS_TOPIC: z.string().optional(),
};

type DoorbellConfig = z.infer<z.ZodObject<typeof doorbellVariables>>;

/** Nobody waits longer than this to ring. Milliseconds. */
const RING_MS = 3_000;

/**
 * Tells the function `webhook` that a result is to be delivered now. Only a doorbell: what is owed stands in the
 * result, and the schedule finds it there should nobody hear the bell.
 */
export function doorbell(config: DoorbellConfig, log: Log): (id: string) => Promise<void> {
  const { WEBHOOKS_TOPIC: topic, GOOGLE_CLOUD_PROJECT: projectId, PUBSUB_EMULATOR_HOST: host } = config;
  if (topic === undefined || projectId === undefined) return async () => {};
  const pubsub = new PubSub({
    projectId,
    overallMs: RING_MS,
    ...(host === undefined ? {} : { emulatorHost: host }),
  });
  return (id) =>
    pubsub
      .publish(topic, { data: Buffer.from(JSON.stringify({ id })), attributes: {} })
      .catch((error: unknown) => log.warn('webhook.not-rung', { id, error: String(error) }));
}
