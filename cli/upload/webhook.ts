import { objectionTo } from '../../shared/results/webhooks/address.ts';
import { CliError } from '../failure.ts';
import type { Target } from '../target.ts';

/**
 * The pipeline would pass over an address that it does not call, and answer all the same.
 * @throws CliError for such an address
 */
export function requireWebhook(address: string | undefined, { kind }: Pick<Target, 'kind'>): void {
  const loopback = kind === 'local';
  const objection = address === undefined ? undefined : objectionTo(address, { loopback });
  if (objection === undefined) return;
  const here = loopback ? ', or one of this machine: http://127.0.0.1:PORT' : '';
  throw new CliError(`The address of the webhook is not used: ${objection}.`, {
    hint: `Give an https address on the public internet${here}.`,
  });
}
