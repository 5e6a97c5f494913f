import { type Command, InvalidArgumentError } from 'commander';
import { LANES } from '../../shared/prices/lanes.ts';
import { objectionToLane } from '../../shared/profiles/lane-choice.ts';
import { viewOf } from '../../shared/results/view.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError, INTERRUPTED } from '../failure.ts';
import { resultLine } from '../results/line.ts';
import { plain } from '../text/plain.ts';
import { formatBytes, formatDuration, plural } from '../text/units.ts';
import { displayWidth } from '../text/width.ts';
import { byteLimit } from '../upload/byte-limit.ts';
import { findFiles } from '../upload/files.ts';
import { KnownProfiles } from '../upload/known-profiles.ts';
import { nameFiles } from '../upload/names.ts';
import { Progress } from '../upload/progress.ts';
import { type Outcome, runUpload } from '../upload/run.ts';
import { UploadSessions } from '../upload/sessions.ts';
import { requireWebhook } from '../upload/webhook.ts';

interface UploadOptions {
  profile?: string;
  uploader?: string;
  lane?: string;
  patience?: string;
  webhook?: string;
  prefix?: string;
  watch?: boolean;
  concurrency: number;
  force?: boolean;
  json?: boolean;
}

/** Exit code of `upload --watch` when everything was sent but a picture got no answer. */
const NOT_ALL_ANSWERED = 2;

export function registerUpload(program: Command, cli: Cli): void {
  program
    .command('upload')
    .description('Send pictures: files, folders or patterns')
    .argument('<paths...>', 'files, folders (the pictures in them, at any depth) or quoted patterns')
    .option('-p, --profile <name>', 'what is asked of the pictures; also their first folder in the bucket')
    .option('--prefix <folders>', 'folders in the bucket between profile and file')
    .option('--uploader <who>', 'recorded with every picture and result')
    .option('--lane <lane>', `how it is served and billed: ${LANES.join(', ')}`)
    .option(
      '--patience <time>',
      'how long an answer may take: 30s, 15m, 24h; takes the cheapest lane that fits',
    )
    .option(
      '--webhook <address>',
      'https address that is notified of each result; here also http://127.0.0.1:PORT',
    )
    .option('-w, --watch', 'wait for the results and print one line for each')
    .option('--concurrency <n>', 'files under way at once', parseConcurrency, 8)
    .option('--force', 'also send what exists already')
    .option('--json', 'one line of JSON for each file, and with --watch for each result')
    .addHelpText(
      'after',
      examples([
        ['upload photos/ --profile inventory', 'every picture in the folder'],
        ['upload shelf.jpg -p inventory --watch', 'one picture, and its answer'],
        ['upload archive/ --lane flex', 'half the price, answered within minutes'],
        ['upload archive/ --lane batch', 'half the price, answered within a day'],
        ['upload shelf.jpg --webhook http://127.0.0.1:3000/', 'tell `pipeline webhook listen` of the result'],
        ["upload 'export/**/*.heic' --prefix aisle-3", 'a pattern, under a folder of the bucket'],
      ]) +
        '\nWhat exists already with the same content, for the same profile and version of it, is not sent again.\n' +
        'Files over 8 MB continue where they stopped.\n' +
        'A file beyond the limit of the pipeline is not sent; MAX_BYTES says what a deployment takes.\n' +
        'Exit code 1: a file could not be sent. With --watch, 2: a picture has failed or was refused.',
    )
    .action((paths: string[], options: UploadOptions) => upload(cli, paths, options));
}

function parseConcurrency(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new InvalidArgumentError('It is a whole number from 1 to 64.');
  return value;
}

async function upload(cli: Cli, paths: readonly string[], options: UploadOptions): Promise<void> {
  const { out } = cli;
  const objection = objectionToLane(options);
  if (objection !== undefined)
    throw new CliError(`The ${objection}.`, { hint: 'Write --lane flex, or --patience 15m.' });
  const files = nameFiles(await findFiles(paths, cli.cwd), options);
  const target = await cli.target();
  requireWebhook(options.webhook, target);
  const profiles = await KnownProfiles.of(target);
  if (options.profile !== undefined) profiles.require(options.profile);
  const totals = { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  const watch = options.watch === true;
  out.note(`${plural(totals.files, 'file')}, ${formatBytes(totals.bytes)}, to ${target.label}`);

  const nameCells = files.reduce((widest, { name }) => Math.max(widest, displayWidth(name)), 0);
  const tally = new Tally();
  const startedAt = Date.now();
  const progress = new Progress(out, totals, { answers: watch });
  const run = {
    target,
    files,
    concurrency: options.concurrency,
    maxBytes: await byteLimit(target, cli.env),
    awaitResults: watch,
    sender: {
      buckets: target.buckets,
      bucket: target.uploadsBucket,
      sessions: new UploadSessions(cli.env),
      metadata: metadataOf(options),
      profiles,
      results: target.results,
      force: options.force === true,
      signal: cli.interrupted,
    },
  };
  try {
    await runUpload(run, {
      onBytes: (count) => progress.addBytes(count),
      onFile: (outcome) => {
        tally.count(outcome);
        if (outcome.kind === 'sent') progress.fileDone();
        else progress.skip(outcome.file.bytes);
        if (options.json) progress.print(JSON.stringify(fileView(outcome, target.uploadsBucket)));
        if (outcome.kind === 'failed')
          progress.printError(`${plain(outcome.file.name)} was not sent. ${outcome.message}`, outcome.hint);
      },
      onSetback: ({ document: { source, lastFailure } }) => {
        if (lastFailure && !options.json)
          progress.printNote(`${plain(source.name)} waits and is tried again. ${plain(lastFailure.message)}`);
      },
      onResult: ({ id, document }) => {
        progress.resultDone();
        tally.answered(document.status === 'failed' || document.status === 'refused');
        progress.print(
          options.json ? JSON.stringify(viewOf(id, document)) : resultLine(out, document, { nameCells }),
        );
      },
    });
  } catch (error) {
    progress.stop();
    if (!cli.interrupted.aborted) throw error;
    throw new CliError(`Stopped with ${tally.done} of ${plural(totals.files, 'file')} there.`, {
      hint: 'Run the same command again: what exists is skipped, and big files continue where they stopped.',
      exitCode: INTERRUPTED,
    });
  }
  progress.stop();
  if (!options.json) out.line(tally.summary(Date.now() - startedAt, watch));
  if (options.webhook !== undefined && tally.thereAlready > 0)
    out.warning('What is there already notifies nobody.', 'Send it again with --force.');
  if (!watch && tally.sent > 0) out.note('The results as they come: pipeline watch');
  cli.endWith(tally.failed > 0 ? 1 : tally.unanswered > 0 ? NOT_ALL_ANSWERED : 0);
}

/** The profile is the first folder of the name; functions that do not know it would take the default one without this. */
const metadataOf = ({
  uploader,
  profile,
  lane,
  patience,
  webhook,
}: UploadOptions): Record<string, string> => ({
  ...(uploader === undefined ? {} : { uploader }),
  ...(profile === undefined ? {} : { profile }),
  ...(lane === undefined ? {} : { lane }),
  ...(patience === undefined ? {} : { patience }),
  ...(webhook === undefined ? {} : { webhook }),
});

const fileView = (outcome: Outcome, bucket: string) => ({
  id: outcome.id,
  upload: outcome.kind,
  url: `gs://${bucket}/${outcome.file.name}`,
  file: outcome.file.path,
  bytes: outcome.file.bytes,
  ...(outcome.kind === 'failed' ? { error: outcome.message, hint: outcome.hint } : {}),
});

class Tally {
  sent = 0;
  thereAlready = 0;
  failed = 0;
  /** Results that came, and those of them without an answer. */
  results = 0;
  unanswered = 0;
  #sentBytes = 0;

  get done(): number {
    return this.sent + this.thereAlready;
  }

  count({ kind, file }: Outcome): void {
    switch (kind) {
      case 'sent':
        this.sent += 1;
        this.#sentBytes += file.bytes;
        return;
      case 'there-already':
        this.thereAlready += 1;
        return;
      case 'failed':
        this.failed += 1;
    }
  }

  answered(withoutAnswer: boolean): void {
    this.results += 1;
    if (withoutAnswer) this.unanswered += 1;
  }

  summary(ms: number, watched: boolean): string {
    const parts = [
      this.sent > 0 || this.done === 0
        ? `${plural(this.sent, 'file')} sent (${formatBytes(this.#sentBytes)})`
        : '',
      this.thereAlready > 0 ? `${plural(this.thereAlready, 'file')} there already` : '',
      this.failed > 0 ? `${plural(this.failed, 'file')} not sent` : '',
      watched ? `${plural(this.results - this.unanswered, 'answer')}` : '',
      this.unanswered > 0 ? `${this.unanswered} without an answer` : '',
    ];
    return `${parts.filter(Boolean).join(', ')} in ${formatDuration(ms)}.`;
  }
}
