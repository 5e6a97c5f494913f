import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { type PictureTrial, printComparison, printTrials } from './compare.ts';
import { type FoundProfile, findOther, findProfile } from './find.ts';
import { printTrial } from './pages.ts';
import type { Trial } from './trial.ts';

interface TryOptions {
  against?: string;
  json?: boolean;
}

type Ask = (found: FoundProfile, input: Buffer) => Promise<Trial>;

/** Asks about pictures with the code that is deployed, and stores nothing. */
export async function tryOut(
  cli: Cli,
  what: string,
  paths: readonly string[],
  options: TryOptions,
): Promise<void> {
  const { out } = cli;
  const found = await findProfile(cli, what);
  const other =
    options.against === undefined ? undefined : await findOther(cli, found.profile.name, options.against);
  const pictures = await Promise.all(paths.map((path) => readPicture(cli, path)));
  const ask = await asker(cli);
  const [only] = pictures;
  if (!other && only && pictures.length === 1) {
    const trial = await ask(found, only.input);
    if (options.json) out.json(trial);
    else printTrial(out, trial);
    return;
  }
  const pairs: { now: PictureTrial; against?: PictureTrial }[] = [];
  for (const { picture, input } of pictures) {
    const now = await triedOn(picture, () => ask(found, input));
    pairs.push(other ? { now, against: await triedOn(picture, () => ask(other, input)) } : { now });
  }
  if (options.json) return out.json(pairs);
  if (!other)
    return printTrials(
      out,
      pairs.map(({ now }) => now),
    );
  printComparison(out, {
    labels: [found.label, other.label],
    pairs: pairs.flatMap(({ now, against }) => (against ? [{ now, against }] : [])),
  });
}

/** The functions' code with its picture library is loaded for this command alone. */
async function asker(cli: Cli): Promise<Ask> {
  const [{ chooseModel }, { tryProfile }] = await Promise.all([import('./model.ts'), import('./trial.ts')]);
  const model = await chooseModel(cli.env, cli.target);
  cli.out.note(`Asking ${model.label}; nothing is stored.`);
  return ({ profile }, input) => tryProfile(profile, input, model.call, cli.interrupted);
}

async function readPicture({ cwd }: Cli, path: string): Promise<{ picture: string; input: Buffer }> {
  const input = await readFile(resolve(cwd, path)).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${path} cannot be read (${error.code}).`, {
      hint: 'Check the name and who may read it.',
    });
  });
  return { picture: basename(path), input };
}

/** One picture that has no answer keeps none of the others from theirs. */
async function triedOn(picture: string, ask: () => Promise<Trial>): Promise<PictureTrial> {
  try {
    return { picture, trial: await ask() };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { picture, failure: `${error.code}: ${error.message}` };
  }
}
