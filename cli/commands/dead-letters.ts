import type { Command } from 'commander';
import { type DeadLetter, deadLetters, giveBack } from '../../shared/results/recovery/dead-letters.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { type Cli, examples } from '../cli.ts';
import { busOf } from '../recovery/bus.ts';
import { parseCount } from '../recovery/options.ts';
import { plain } from '../text/plain.ts';
import { formatAge, plural } from '../text/units.ts';

interface DeadLettersOptions {
  limit: number;
  json?: boolean;
  project?: string;
}

/** Nothing is resumed here; the time that the sweep waits does not matter. */
const NO_WAIT = { staleMs: 0 };

export function registerDeadLetters(program: Command, cli: Cli): void {
  program
    .command('dead-letters')
    .description('List the messages that were given up after too many deliveries, and why')
    .option('-n, --limit <n>', 'at most this many', parseCount, 100)
    .option('--json', 'one line of JSON for each message')
    .addHelpText(
      'after',
      examples([
        ['dead-letters', 'what was given up, and why'],
        ['replay --dead-letters --dry-run', 'what delivering them again would do'],
      ]),
    )
    .action((_options: unknown, command: Command) =>
      list(cli, command.optsWithGlobals<DeadLettersOptions>()),
    );
}

async function list(cli: Cli, options: DeadLettersOptions): Promise<void> {
  const { out } = cli;
  const target = await cli.target();
  const bus = await busOf(target, cli.env, options.project);
  const held: DeadLetter[] = [];
  try {
    for await (const batch of deadLetters(bus, new Recovery(target.documents, NO_WAIT))) {
      held.push(...batch);
      if (held.length >= options.limit || cli.interrupted.aborted) break;
    }
  } finally {
    await giveBack(bus.pubsub, held);
  }
  const shown = held.slice(0, options.limit);
  if (options.json) {
    for (const letter of shown) out.jsonLine(viewOf(letter));
    return;
  }
  if (shown.length === 0) {
    out.line('There are no dead letters.');
    return;
  }
  const now = Date.now();
  out.table(
    [
      { title: 'OBJECT', shrinkTo: 24 },
      { title: 'TOPIC' },
      { title: 'GIVEN UP' },
      { title: 'FATE' },
      { title: 'REASON', shrinkTo: 30, paint: out.dim },
    ],
    shown.map(({ object, topic, message, fate, reason }) => [
      plain(object ?? '(none)'),
      topic,
      formatAge(message.publishedAt, now),
      fate,
      plain(reason),
    ]),
  );
  const replayable = shown.filter(({ fate }) => fate === 'replay').length;
  out.note(`${plural(shown.length, 'dead letter')}; ${replayable} to replay: pipeline replay --dead-letters`);
}

const viewOf = ({ object, topic, message, deliveries, fate, reason }: DeadLetter) => ({
  object: object ?? null,
  topic,
  messageId: message.id,
  givenUpAt: message.publishedAt.toISOString(),
  deliveries: deliveries ?? null,
  fate,
  reason,
});
