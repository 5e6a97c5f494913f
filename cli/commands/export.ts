import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Profile } from '../../shared/profiles/define.ts';
import { profileNamed, profileNames } from '../../shared/profiles/index.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { useStoredProfiles } from '../profiles/stored.ts';
import { type ExportedAnswer, exported, listsOf, type Sheet, sheetFor } from '../results/columns.ts';
import { readPages } from '../results/pages.ts';
import { ParquetFile } from '../results/parquet.ts';
import type { Target } from '../target.ts';
import { csvRecord } from '../text/csv.ts';
import { plural } from '../text/units.ts';
import { parseSince } from './results.ts';

interface ExportOptions {
  profile?: string;
  format: 'jsonl' | 'csv' | 'parquet';
  rows?: string;
  since?: string;
  reviewed?: boolean;
  out?: string;
  /** `--no-formula-guard` */
  formulaGuard: boolean;
}

/** Answers read from Firestore at once; memory holds no more than this many. */
const PAGE = 500;

export function registerExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('Write all answers as JSON Lines, CSV or Parquet')
    .option('-p, --profile <name>', 'only answers of this profile; in a table each field gets a column')
    .addOption(
      new Option('-f, --format <format>', 'how to write them')
        .choices(['jsonl', 'csv', 'parquet'])
        .default('jsonl'),
    )
    .option('--rows <list>', 'table: a row for each entry of this list of the answer')
    .option('--no-formula-guard', 'CSV: texts as they are, for programs that run no formulas')
    .option('--since <when>', 'only answers since then: 90m, 24h, 7d or a date')
    .option('--reviewed', 'only answers that a person has judged')
    .option('-o, --out <file>', 'write to this file instead of stdout')
    .addHelpText(
      'after',
      examples([
        ['export --profile describe > answers.jsonl', 'one answer a line'],
        ['export -p inventory -f csv --rows items -o stock.csv', 'one item a line, for a spreadsheet'],
        ['export -p inventory -f parquet --rows items -o stock.parquet', 'the same with types'],
        ["export | jq -r '.answer.caption'", 'one field'],
      ]),
    )
    .action((options: ExportOptions) => exportAnswers(cli, options));
}

async function exportAnswers(cli: Cli, options: ExportOptions): Promise<void> {
  const since = options.since === undefined ? undefined : parseSince(options.since);
  if (options.format === 'parquet' && options.out === undefined) {
    throw new CliError('Parquet is written to a file: its end says where everything is.', {
      hint: 'Add --out FILE.',
    });
  }
  const target = await cli.target();
  await useStoredProfiles(target);
  const profile = chosenProfile(options);
  const answers = answersOf(target, options.profile, since, options.reviewed === true);
  const empty: string[] = [];
  const table = (sheet: Sheet) => rowsOf(sheet, answers, (url) => empty.push(url));
  const count = await written(cli, options, profile, answers, table);
  if (options.out !== undefined) cli.out.note(`${plural(count, 'answer')} written to ${options.out}`);
  if (empty.length > 0) {
    cli.out.remark(`${plural(empty.length, 'picture')} without ${options.rows}, and so without a row:`);
    for (const url of empty) cli.out.remark(`  ${url}`);
  }
}

/** Returns how many answers were written. */
async function written(
  cli: Cli,
  { format, rows, out, formulaGuard }: ExportOptions,
  profile: Profile | undefined,
  answers: AsyncIterable<ExportedAnswer>,
  table: (sheet: Sheet) => AsyncIterable<unknown[][]>,
): Promise<number> {
  const path = out === undefined ? undefined : resolve(cli.cwd, out);
  const sheet = sheetFor(profile, rows);
  if (format === 'parquet' && path !== undefined) {
    return writeParquet(path, sheet, table(sheet), cli.interrupted);
  }
  const records = format === 'csv' ? csvOf(sheet, table(sheet), formulaGuard) : linesOf(answers);
  if (path === undefined) return writeAll(records, (text) => cli.out.write(text), cli.interrupted);
  return writeFile(path, records, cli.interrupted);
}

function chosenProfile({ profile: name, format, rows }: ExportOptions): Profile | undefined {
  const profile = name === undefined ? undefined : profileNamed(name);
  if (name !== undefined && !profile) {
    throw new CliError(`There is no profile "${name}".`, {
      hint: `There are: ${profileNames().join(', ')}.`,
    });
  }
  if (rows === undefined) return profile;
  if (format === 'jsonl' || !profile) {
    throw new CliError('--rows makes rows of a list of one profile in CSV or Parquet.', {
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

async function* answersOf(
  { results }: Target,
  profile: string | undefined,
  since: Date | undefined,
  reviewedOnly: boolean,
): AsyncGenerator<ExportedAnswer> {
  const filter = {
    status: 'completed' as const,
    ...(profile === undefined ? {} : { profile }),
    ...(since ? { since } : {}),
  };
  for await (const result of readPages(results, filter, PAGE)) {
    const answer = exported(result);
    if (!reviewedOnly || answer.review !== null) yield answer;
  }
}

/** The rows of each answer together; `onEmpty` gets those that have none. */
async function* rowsOf(
  sheet: Sheet,
  answers: AsyncIterable<ExportedAnswer>,
  onEmpty: (url: string) => void,
): AsyncGenerator<unknown[][]> {
  for await (const answer of answers) {
    const rows = sheet.rows(answer);
    if (rows.length === 0) onEmpty(answer.url);
    yield rows;
  }
}

async function* linesOf(answers: AsyncIterable<ExportedAnswer>): AsyncGenerator<TextRecord> {
  for await (const answer of answers) yield { text: `${JSON.stringify(answer)}\n`, answers: 1 };
}

async function* csvOf(
  { columns }: Sheet,
  answers: AsyncIterable<unknown[][]>,
  guardFormulas: boolean,
): AsyncGenerator<TextRecord> {
  yield { text: csvRecord(columns.map(({ name }) => name)), answers: 0 };
  for await (const rows of answers) {
    yield { text: rows.map((row) => csvRecord(row, { guardFormulas })).join(''), answers: 1 };
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

async function writeFile(
  path: string,
  records: AsyncIterable<TextRecord>,
  interrupted: AbortSignal,
): Promise<number> {
  return beside(path, async (unfinished) => {
    const file = createWriteStream(unfinished);
    const write = (text: string) =>
      new Promise<void>((done, reject) => {
        file.write(text, (error) => (error ? reject(error) : done()));
      });
    try {
      const count = await writeAll(records, write, interrupted);
      await new Promise<void>((done) => file.end(done));
      return count;
    } finally {
      file.destroy();
    }
  });
}

async function writeParquet(
  path: string,
  { columns }: Sheet,
  answers: AsyncIterable<unknown[][]>,
  interrupted: AbortSignal,
): Promise<number> {
  return beside(path, async (unfinished) => {
    const file = new ParquetFile(unfinished, columns);
    let count = 0;
    for await (const rows of answers) {
      interrupted.throwIfAborted();
      for (const row of rows) await file.add(row);
      count += 1;
    }
    await file.finish();
    return count;
  });
}

/** Writes beside the file and renames at the end: anyone who reads it never sees half an export. */
async function beside(path: string, write: (unfinished: string) => Promise<number>): Promise<number> {
  const unfinished = `${path}.part`;
  try {
    const count = await write(unfinished);
    await rename(unfinished, path);
    return count;
  } catch (error) {
    await rm(unfinished, { force: true });
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CliError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Choose another place with --out.',
      cause: error,
    });
  }
}
