import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Profile } from '../../shared/profiles/define.ts';
import { profileNamed, profileNames } from '../../shared/profiles/index.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { exported, listsOf, sheetFor } from '../results/columns.ts';
import { readPages } from '../results/pages.ts';
import type { Target } from '../target.ts';
import { csvRecord } from '../text/csv.ts';
import { plural } from '../text/units.ts';
import { parseSince } from './results.ts';

interface ExportOptions {
  profile?: string;
  format: 'jsonl' | 'csv';
  rows?: string;
  since?: string;
  out?: string;
}

/** Answers read from Firestore at once; memory holds no more than this many. */
const PAGE = 500;

export function registerExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('Write all answers as JSON Lines or CSV')
    .option('-p, --profile <name>', 'only answers of this profile; in CSV each field gets a column')
    .addOption(
      new Option('-f, --format <format>', 'how to write them').choices(['jsonl', 'csv']).default('jsonl'),
    )
    .option('--rows <list>', 'CSV: a row for each entry of this list of the answer')
    .option('--since <when>', 'only answers since then: 90m, 24h, 7d or a date')
    .option('-o, --out <file>', 'write to this file instead of stdout')
    .addHelpText(
      'after',
      examples([
        ['export --profile describe > answers.jsonl', 'one answer a line'],
        ['export -p inventory -f csv --rows items -o stock.csv', 'one item a line, for a spreadsheet'],
        ["export | jq -r '.answer.caption'", 'one field'],
      ]),
    )
    .action((options: ExportOptions) => exportAnswers(cli, options));
}

async function exportAnswers(cli: Cli, options: ExportOptions): Promise<void> {
  const profile = chosenProfile(options);
  const since = options.since === undefined ? undefined : parseSince(options.since);
  const target = await cli.target();
  const records = recordsOf(target, options, profile, since);
  if (options.out === undefined) {
    await writeAll(records, (text) => cli.out.write(text), cli.interrupted);
    return;
  }
  const count = await writeFile(resolve(cli.cwd, options.out), records, cli.interrupted);
  cli.out.note(`${plural(count, 'answer')} written to ${options.out}`);
}

function chosenProfile({ profile: name, format, rows }: ExportOptions): Profile | undefined {
  const profile = name === undefined ? undefined : profileNamed(name);
  if (name !== undefined && !profile) {
    throw new CliError(`There is no profile "${name}".`, {
      hint: `There are: ${profileNames().join(', ')}.`,
    });
  }
  if (rows === undefined) return profile;
  if (format !== 'csv' || !profile) {
    throw new CliError('--rows makes rows of a list of one profile in CSV.', {
      hint: 'Add --profile NAME --format csv.',
    });
  }
  const lists = listsOf(profile);
  if (lists.includes(rows)) return profile;
  throw new CliError(`The answers of ${profile.name} have no list "${rows}" whose entries have fields.`, {
    hint: lists.length > 0 ? `There is: ${lists.join(', ')}.` : 'Leave --rows out.',
  });
}

interface TextRecord {
  text: string;
  /** Answers that this text holds: none for the head of a table. */
  answers: 0 | 1;
}

async function* recordsOf(
  { results }: Target,
  { profile: name, format, rows }: ExportOptions,
  profile: Profile | undefined,
  since: Date | undefined,
): AsyncGenerator<TextRecord> {
  const sheet = format === 'csv' ? sheetFor(profile, rows) : undefined;
  if (sheet) yield { text: csvRecord(sheet.head), answers: 0 };
  const filter = {
    status: 'completed' as const,
    ...(name === undefined ? {} : { profile: name }),
    ...(since ? { since } : {}),
  };
  for await (const result of readPages(results, filter, PAGE)) {
    const answer = exported(result);
    const text = sheet ? sheet.rows(answer).map(csvRecord).join('') : `${JSON.stringify(answer)}\n`;
    yield { text, answers: 1 };
  }
}

async function writeAll(
  records: AsyncIterable<TextRecord>,
  write: (text: string) => Promise<void>,
  interrupted: AbortSignal,
): Promise<number> {
  let count = 0;
  for await (const { text, answers } of records) {
    interrupted.throwIfAborted();
    await write(text);
    count += answers;
  }
  return count;
}

/** Writes beside the file and renames at the end: whoever reads it never sees half an export. */
async function writeFile(
  path: string,
  records: AsyncIterable<TextRecord>,
  interrupted: AbortSignal,
): Promise<number> {
  const unfinished = `${path}.part`;
  const file = createWriteStream(unfinished);
  const write = (text: string) =>
    new Promise<void>((done, reject) => {
      file.write(text, (error) => (error ? reject(error) : done()));
    });
  try {
    const count = await writeAll(records, write, interrupted);
    await new Promise<void>((done) => file.end(done));
    await rename(unfinished, path);
    return count;
  } catch (error) {
    file.destroy();
    await rm(unfinished, { force: true });
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CliError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Choose another place with --out.',
      cause: error,
    });
  }
}
