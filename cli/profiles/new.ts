import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { FIELD_TYPES } from '../../shared/profiles/file/profile-file.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { nameOfFile, profileFiles } from '../../shared/profiles/folder.ts';
import { profilesFolder } from '../../shared/profiles/index.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { type DraftField, draftProfile, fieldFrom } from './draft.ts';

interface NewOptions {
  ask?: string;
  from?: string;
  force?: boolean;
}

/** What is to be written. */
interface Draft {
  name: string;
  ask: string;
  fields: readonly DraftField[];
}

/** Writes the file of a new profile; asks for what was not said where somebody can answer. */
export async function writeNew(
  cli: Cli,
  name: string | undefined,
  typed: readonly string[],
  options: NewOptions,
): Promise<void> {
  const { out, cwd } = cli;
  const { force = false } = options;
  const draft = await complete(cli, name, typed.map(fieldFrom), options);
  const text = draftProfile(draft.ask, draft.fields);
  const read = readProfileText(draft.name, text);
  if ('problems' in read)
    throw new CliError(`This would be no profile: ${read.problems.map((one) => one.text).join('; ')}.`);
  const file = join(profilesFolder(), `${draft.name}.yaml`);
  const taken = profileFiles(profilesFolder()).find((one) => nameOfFile(one) === draft.name);
  if (taken !== undefined && !force)
    throw new CliError(`There is a profile ${draft.name} already (${taken}).`, {
      hint: 'Choose another name, or replace it with --force.',
    });
  await writeFile(file, text);
  out.line(`${relative(cwd, file)} is written; npm start takes it up at once.`);
  if (options.from !== undefined) out.line(out.dim(text.trimEnd()));
  out.line(out.dim(`Next: describe the fields in it, then: pipeline profiles try ${draft.name} PICTURE`));
}

async function complete(
  cli: Cli,
  name: string | undefined,
  fields: readonly DraftField[],
  { ask, from }: NewOptions,
): Promise<Draft> {
  const canAsk = process.stdin.isTTY === true && cli.out.interactive;
  const isComplete = name !== undefined && ask !== undefined && (fields.length > 0 || from !== undefined);
  if (!canAsk || isComplete) {
    if (name === undefined || ask === undefined)
      throw new CliError(name === undefined ? 'The profile has no name.' : 'Nothing is asked of a picture.', {
        hint: 'Write: pipeline profiles new NAME --ask "What is asked of a picture." total:number? day:date?',
      });
    return { name, ask, fields: [...fields, ...(await proposed(cli, ask, from))] };
  }
  const terminal = createInterface({ input: process.stdin, output: cli.out.stderr });
  try {
    const question = (text: string) => terminal.question(text, { signal: cli.interrupted });
    const chosen =
      name ?? (await untilAnswered(question, 'Name (lower case; also the folder of its uploads): '));
    const asked =
      ask ?? (await untilAnswered(question, 'What is asked of a picture, in a sentence or two: '));
    const found = from === undefined ? [] : await proposed(cli, asked, from);
    const typed = fields.length + found.length > 0 ? [] : await askForFields(cli, terminal);
    return { name: chosen, ask: asked, fields: [...fields, ...found, ...typed] };
  } finally {
    terminal.close();
  }
}

async function untilAnswered(question: (text: string) => Promise<string>, text: string): Promise<string> {
  for (;;) {
    const answer = (await question(text)).trim();
    if (answer !== '') return answer;
  }
}

/** One field a line, until an empty one; a line that describes none is asked again. */
async function askForFields(cli: Cli, terminal: Interface): Promise<DraftField[]> {
  cli.out.note(
    `Fields, one a line: total:number, day:date? (may be null), tags:text[] (a list). Types: ${Object.keys(FIELD_TYPES).join(', ')}. An empty line ends.`,
  );
  const fields: DraftField[] = [];
  for (;;) {
    const line = (await terminal.question('Field: ', { signal: cli.interrupted })).trim();
    if (line === '') return fields;
    try {
      fields.push(fieldFrom(line));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      cli.out.error(error.message, error.hint);
    }
  }
}

/** From a picture; nothing without one. */
async function proposed(cli: Cli, ask: string, from: string | undefined): Promise<DraftField[]> {
  if (from === undefined) return [];
  const picture = await readFile(resolve(cli.cwd, from)).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${from} cannot be read (${error.code}).`, {
      hint: 'Check the name and who may read it.',
    });
  });
  const { proposeFields } = await import('./propose.ts');
  return proposeFields(cli, ask, picture);
}
