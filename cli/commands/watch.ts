import type { Command } from 'commander';
import type { ResultDocument } from '../../shared/results/document.ts';
import type { ResultChange } from '../../shared/results/reading.ts';
import { stagesOf } from '../../shared/results/statuses.ts';
import { viewOf } from '../../shared/results/view.ts';
import { type Cli, examples } from '../cli.ts';
import { resultLine } from '../results/line.ts';
import { warnOfUnknownProfile } from '../results/profile.ts';
import { parseStatus } from '../results/status.ts';
import { formatClock } from '../text/units.ts';

interface WatchOptions {
  profile?: string;
  status?: string;
  json?: boolean;
}

/** So many changes may come together without one being missed. */
const WINDOW = 200;

const NAME_CELLS = 32;

export function registerWatch(program: Command, cli: Cli): void {
  program
    .command('watch')
    .description('Follow the pictures live, a line for each change; Ctrl-C ends it')
    .option('-p, --profile <name>', 'only pictures of this profile')
    .option('-s, --status <status>', 'only changes to this status')
    .option('--json', 'one line of JSON for each change')
    .addHelpText(
      'after',
      examples([
        ['watch', 'everything that happens'],
        ['watch --profile inventory --status completed', 'answers of one profile'],
        ['watch --json | jq .answer', 'for programs'],
      ]),
    )
    .action((options: WatchOptions) => watch(cli, options));
}

async function watch(cli: Cli, options: WatchOptions): Promise<void> {
  const { out } = cli;
  const isWanted = wanted(options);
  const target = await cli.target();
  await warnOfUnknownProfile(out, target, options.profile);
  out.note(`Watching ${target.label}. Ctrl-C ends it.`);
  const seen = new Map<string, string>();
  await follow(cli, target.results.watchLastChanged.bind(target.results), (changes, isFirst) => {
    for (const { kind, result } of changes) {
      if (kind === 'removed') {
        seen.delete(result.id);
        continue;
      }
      const { status, source, updatedAt } = result.document;
      const state = `${source.generation} ${status}`;
      const isNews = seen.get(result.id) !== state;
      seen.set(result.id, state);
      // The first snapshot is what happened before anybody watched.
      if (isFirst || !isNews || !isWanted(result.document)) continue;
      if (options.json) out.jsonLine(viewOf(result.id, result.document));
      else
        out.line(
          resultLine(out, result.document, { lead: `${formatClock(updatedAt)}  `, nameCells: NAME_CELLS }),
        );
    }
  });
}

function wanted({ profile, status }: WatchOptions): (document: ResultDocument) => boolean {
  const stages = status === undefined ? undefined : stagesOf(parseStatus(status));
  return (document) =>
    (profile === undefined || document.profile === profile) &&
    (stages === undefined || stages.includes(document.status));
}

type Listen = (
  limit: number,
  onChange: (changes: readonly ResultChange[]) => void,
  onError: (error: unknown) => void,
) => () => void;

/** Resolves at Ctrl-C, which is how watching ends. */
function follow(
  cli: Cli,
  listen: Listen,
  onChanges: (changes: readonly ResultChange[], isFirst: boolean) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isFirst = true;
    const stop = listen(
      WINDOW,
      (changes) => {
        // Oldest first: the query gives the newest first.
        onChanges([...changes].sort(byTime), isFirst);
        isFirst = false;
      },
      reject,
    );
    cli.interrupted.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
}

const byTime = (a: ResultChange, b: ResultChange): number =>
  a.result.document.updatedAt.getTime() - b.result.document.updatedAt.getTime();
