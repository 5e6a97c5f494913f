import { readWebhookSecret } from '../../local/webhook-secret.ts';
import { isSecret } from '../../shared/results/webhooks/signature.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';

/** What deliveries are held against, and where it comes from, for people. */
export interface ListenerSecret {
  value: string;
  from: string;
}

export const SECRET_OF_LOCAL_CLOUD = 'the local cloud';

/**
 * From the flag, else from WEBHOOK_SECRET, else from the local cloud that runs.
 * @throws CliError when there is none, or when it is no secret of Standard Webhooks
 */
export async function findSecret(cli: Cli, flag: string | undefined): Promise<ListenerSecret> {
  const given = flag ?? cli.env['WEBHOOK_SECRET'];
  if (!given) return secretOfTarget(cli);
  const from = flag === undefined ? 'WEBHOOK_SECRET' : '--secret';
  if (isSecret(given)) return { value: given, from };
  throw new CliError(`What ${from} gives is no secret of Standard Webhooks.`, {
    hint: 'It is whsec_ and at least 24 random bytes in base64, as the functions of the pipeline have it.',
  });
}

async function secretOfTarget(cli: Cli): Promise<ListenerSecret> {
  const { dataDir, label } = await cli.target();
  const value = dataDir === undefined ? undefined : await readWebhookSecret(dataDir);
  if (value !== undefined) return { value, from: SECRET_OF_LOCAL_CLOUD };
  throw new CliError(`The secret of ${label} is not known here.`, {
    hint:
      'A deployment has it in Secret Manager, under its name and -webhook:\n' +
      '  export WEBHOOK_SECRET=$(gcloud secrets versions access latest --secret=NAME-webhook --project=PROJECT)',
  });
}

/** That of the local cloud that runs, to tell which secret was meant; undefined where none runs. */
export async function localSecret(cli: Cli): Promise<string | undefined> {
  const target = await cli.target().catch(() => undefined);
  return target?.dataDir === undefined ? undefined : readWebhookSecret(target.dataDir);
}
