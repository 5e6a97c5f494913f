import { z } from 'zod';

const PORT_AND_PATH = /(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?(?:[/?#][!-~]*)?$/.source;

/**
 * An https address in one pattern, so that the document can say what is taken: a name, perhaps a port and a path; no bare
 * address of a machine, and no name and password, which no webhook is called with. Plain ASCII, for it travels in a header.
 */
const HTTPS =
  /^https:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?/.source +
  PORT_AND_PATH;

/** Of a program on the very machine of a local cloud. */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])/.source + PORT_AND_PATH;

const MAX_CHARACTERS = 1_000;

/** In the form of an address that a local cloud takes; whether it is one that this deployment takes, `objectionTo` says. */
export const webhookAddress = z
  .string()
  .max(MAX_CHARACTERS)
  .regex(new RegExp(`${HTTPS}|${LOOPBACK}`), 'expected an https address in plain ASCII')
  .meta({ documentedAs: { $ref: '#/components/schemas/WebhookAddress' } });

/** What is documented for a deployment, as JSON Schema. `loopback`: of a local cloud. */
export const webhookAddressSchema = (loopback: boolean) => ({
  type: 'string',
  maxLength: MAX_CHARACTERS,
  pattern: loopback ? `${HTTPS}|${LOOPBACK}` : HTTPS,
});
