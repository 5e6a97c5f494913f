import { z } from 'zod';
import { type ResultView, resultView } from '../shared/results/api/result.ts';
import { signatureFault } from '../shared/results/webhooks/signature.ts';

const delivery = z.object({ type: z.string(), timestamp: z.iso.datetime(), data: resultView });

/**
 * The result that a delivery tells of: pass the headers (names in lower case) and the raw body as they came. Undefined when
 * the signature is not that of the secret or the delivery is not of now. Deliveries may repeat: `webhook-id` tells.
 */
export function readWebhook(
  secret: string,
  headers: Readonly<Record<string, string | undefined>>,
  rawBody: string,
  nowMs = Date.now(),
): ResultView | undefined {
  const fault = signatureFault(secret, headers, rawBody, nowMs);
  return fault === undefined ? delivery.parse(JSON.parse(rawBody)).data : undefined;
}
