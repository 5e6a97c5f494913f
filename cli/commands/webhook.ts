import { type Command, InvalidArgumentError } from 'commander';
import { signatureFault } from '../../shared/results/webhooks/signature.ts';
import { type Cli, examples } from '../cli.ts';
import { formatClock, plural } from '../text/units.ts';
import { eventJson, eventLine } from '../webhook/event.ts';
import { startReceiver } from '../webhook/receiver.ts';
import { type Delivery, refusalOf } from '../webhook/refusal.ts';
import { findSecret, type ListenerSecret, localSecret, SECRET_OF_LOCAL_CLOUD } from '../webhook/secret.ts';

interface ListenOptions {
  port: number;
  secret?: string;
  json?: boolean;
}

/** As in the examples of /docs. */
const DEFAULT_PORT = 3_000;

export function registerWebhook(program: Command, cli: Cli): void {
  const webhook = program
    .command('webhook')
    .description('Try webhooks: receive and verify them on this machine')
    .addHelpText('after', examples([['webhook listen', 'receive and verify what the local cloud sends']]));
  webhook
    .command('listen')
    .description('Receive webhooks here, verify each and print a line for it; Ctrl-C ends it')
    .option('--port <n>', 'where to listen, on 127.0.0.1; 0 takes any free port', parsePort, DEFAULT_PORT)
    .option(
      '--secret <whsec_…>',
      'what deliveries are signed with (default: WEBHOOK_SECRET, else that of the local cloud)',
    )
    .option('--json', 'one line of JSON for each delivery, as it came')
    .addHelpText(
      'after',
      examples([
        ['webhook listen', 'what the local cloud sends'],
        ['upload shelf.jpg --webhook http://127.0.0.1:3000/', 'in another terminal: something to be told of'],
        ['webhook listen --json | jq .data.answer', 'for programs'],
      ]) +
        '\nA delivery that is verified is answered with 204. One that is not is answered with 401 and the reason, which is\n' +
        'printed as well. A deployment calls https addresses only: a tunnel leads one here.',
    )
    .action((options: ListenOptions) => listen(cli, options));
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It is a whole number from 0 to 65535.');
  return value;
}

async function listen(cli: Cli, options: ListenOptions): Promise<void> {
  const { out } = cli;
  const secret = await findSecret(cli, options.secret);
  const seen = new Set<string>();
  const take = async (delivery: Delivery): Promise<string | undefined> => {
    const why = await refusal(cli, delivery, secret, seen.size > 0);
    if (why !== undefined) return why;
    const id = delivery.headers['webhook-id'] ?? '';
    const isRepeated = seen.has(id);
    if (options.json) out.jsonLine(eventJson(delivery, isRepeated));
    else out.line(eventLine(out, delivery, isRepeated));
    seen.add(id);
    return undefined;
  };
  const receiver = await startReceiver(options.port, take);
  out.remark(`Listening at ${receiver.url} with the secret from ${secret.from}. Ctrl-C ends it.`);
  out.remark(
    secret.from === SECRET_OF_LOCAL_CLOUD
      ? `Give it to an upload: pipeline upload PICTURE --webhook ${receiver.url}`
      : 'Give its address to an upload of the local cloud, or the https address of a tunnel to a deployment.',
  );
  await new Promise<void>((resolve) => {
    if (cli.interrupted.aborted) resolve();
    cli.interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  await receiver.close();
  out.note(`${plural(seen.size, 'event')} received.`);
}

/** Says why a delivery is not believed, to the person and to the sender. */
async function refusal(
  cli: Cli,
  delivery: Delivery,
  { value, from }: ListenerSecret,
  isProven: boolean,
): Promise<string | undefined> {
  const fault = signatureFault(value, delivery.headers, delivery.body, Date.now());
  if (fault === undefined) return undefined;
  const other = fault.kind === 'mismatch' ? await localSecret(cli) : undefined;
  const { why, hint } = refusalOf(fault, delivery, value, { from, isProven, other });
  cli.out.error(`${formatClock(new Date())}  A delivery is refused. ${why}`, hint);
  return why;
}
