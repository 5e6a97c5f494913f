import { z } from 'zod';
import { text } from '../config/variables.ts';

/** Variables of everything that publishes events itself. */
export const pubsubVariables = {
  GOOGLE_CLOUD_PROJECT: text('the id of the project that has the topics'),
  /** `host:port`; not set means Google. */
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  /** Topics that the buckets' notifications go to. */
  UPLOADS_TOPIC: z.string().default('uploads'),
  PREPARED_TOPIC: z.string().default('prepared'),
};
