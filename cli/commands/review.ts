import type { Command } from 'commander';
import { Reviews } from '../../shared/results/reviews.ts';
import { giveFeedback } from '../../shared/results/verdicts.ts';
import { viewOf } from '../../shared/results/view.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { keeperOf } from '../labels/keeper.ts';
import { printDetails } from '../results/details.ts';
import { gist } from '../results/line.ts';
import { idOf } from '../results/reference.ts';
import { plain } from '../text/plain.ts';
import { formatAge, plural } from '../text/units.ts';

interface QueueOptions {
  profile?: string;
  uploader?: string;
  json?: boolean;
}

interface JudgeOptions {
  note?: string;
  by?: string;
}

const SHOWN = 20;

const WORDS = {
  unsure: 'not sure',
  'broken-check': 'breaks a check',
  partial: 'cut off',
  sample: 'a sample',
} as const;

export function registerReview(program: Command, cli: Cli): void {
  const review = program.command('review').description('Answers that a person should look at');
  review
    .command('list', { isDefault: true })
    .description('How many wait, and those that wait longest')
    .option('-p, --profile <name>', 'only answers of this profile')
    .option('--uploader <who>', 'only pictures that this uploader sent')
    .option('--json', 'a JSON list of whole results')
    .action((options: QueueOptions) => list(cli, options));
  review
    .command('next')
    .description('Take the one that waits longest; nobody else is offered it for ten minutes')
    .option('-p, --profile <name>', 'only answers of this profile')
    .option('--uploader <who>', 'only pictures that this uploader sent')
    .option('--json', 'the whole result as JSON')
    .action((options: QueueOptions) => next(cli, options));
  for (const verdict of ['right', 'wrong'] as const) {
    review
      .command(verdict)
      .description(`Say that the answer about a picture is ${verdict}; fields are corrected on the page`)
      .argument('<picture>', 'its name in the bucket, gs://bucket/name or the id of its result')
      .option('--note <text>', 'a word about it')
      .option('--by <who>', 'who says so')
      .action((reference: string, options: JudgeOptions) => judge(cli, reference, verdict, options));
  }
  review.addHelpText(
    'after',
    `${examples([
      ['review', 'what waits'],
      ['review next --profile inventory', 'one to look at'],
      ['review right inventory/shelf.jpg', 'the verdict'],
    ])}\nThe page shows the picture beside its fields: /review.`,
  );
}

async function list(cli: Cli, { json, ...scope }: QueueOptions): Promise<void> {
  const reviews = new Reviews((await cli.target()).documents);
  const [count, found] = await Promise.all([reviews.count(scope), reviews.waiting(scope, SHOWN)]);
  if (json) return cli.out.json(found.map(({ id, document }) => viewOf(id, document)));
  if (count === 0) return cli.out.note('No answer waits for a person.');
  const now = Date.now();
  cli.out.table(
    [
      { title: 'BECAUSE' },
      { title: 'NAME', shrinkTo: 20 },
      { title: 'PROFILE' },
      { title: 'WHEN' },
      { title: 'RESULT', shrinkTo: 16 },
    ],
    found.map(({ document }) => [
      document.review ? WORDS[document.review.because] : '',
      plain(document.source.name),
      plain(document.profile),
      formatAge(document.createdAt, now),
      gist(document),
    ]),
  );
  cli.out.note(
    count > found.length
      ? `${plural(count, 'answer')} wait; these wait longest.`
      : `${plural(count, 'answer')} wait.`,
  );
}

async function next(cli: Cli, { json, ...scope }: QueueOptions): Promise<void> {
  const target = await cli.target();
  const turn = await new Reviews(target.documents).take(scope, null);
  if (!turn) return cli.out.note('No answer waits for a person.');
  if (json) return cli.out.json(viewOf(turn.id, turn.document));
  printDetails(cli.out, turn);
  cli.out.note(`Then: pipeline review right ${turn.id}, or wrong.`);
}

async function judge(
  cli: Cli,
  reference: string,
  verdict: 'right' | 'wrong',
  { note, by }: JudgeOptions,
): Promise<void> {
  const target = await cli.target();
  const id = idOf(reference, target.uploadsBucket);
  const judged = await giveFeedback(target.documents, keeperOf(cli, target), id, ({ answer, status }) => {
    if (!answer)
      throw new CliError(`${reference} is ${status} and has no answer to judge.`, {
        hint: 'Wait until it is completed.',
      });
    return { verdict: { verdict, by: by ?? null, ...(note === undefined ? {} : { note }) }, answer };
  });
  if (!judged)
    throw new CliError(`There is no result for ${reference}.`, {
      hint: 'Check the name with pipeline results.',
    });
  const { document, labeled } = judged;
  cli.out.note(`${plain(document.source.name)}: the answer is ${verdict}.`);
  if (verdict === 'right' && !labeled)
    cli.out.remark('It is no label: its prepared picture is gone. Replay it, then judge it again.');
}
