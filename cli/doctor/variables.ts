import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import {
  type OptionShapes,
  refusedVariables,
  unknownVariables,
  type Variables,
} from '../../build/option-shapes.ts';
import { meantBy, nearest } from '../../local/variables/look-alikes.ts';
import { CliError } from '../failure.ts';
import { parseEnvFile } from '../import/env-file.ts';
import { error, type Finding, ok, orAllWell, warning } from './finding.ts';

type Shapes = ReadonlyMap<string, OptionShapes>;

/** Stand for what `npm start` and Terraform set, where only a few variables are given. */
const SET_ELSEWHERE: Variables = {
  GOOGLE_CLOUD_PROJECT: 'project',
  UPLOADS_BUCKET: 'uploads',
  PREPARED_BUCKET: 'prepared',
  GEMINI_API_KEY: 'key',
  // FALLBACK alone is asked for; where the reader is follows from it.
  FALLBACK_URL: 'https://reader',
};

/** The variables of this shell: only what is set is held against the functions' options. */
export function shellFindings(env: Variables, shapes: Shapes): Finding[] {
  const known = Object.keys(env).filter(
    (name) => env[name] !== '' && [...shapes.values()].some(({ variables }) => name in variables),
  );
  const given = { ...SET_ELSEWHERE, ...Object.fromEntries(known.map((name) => [name, env[name]])) };
  const problems = [...shapes.values()].flatMap((shape) => refusedVariables(asFarAs(given, shape), given));
  return orAllWell(
    [
      ...[...new Set(problems)].map((problem) => error(sentence(problem), howToMend(problem, known))),
      ...misspelled(env, shapes).map(({ name, meant }) =>
        warning(`Nothing reads ${name}; ${meant} may be meant.`, `unset ${name}, and set ${meant}`),
      ),
    ],
    known.length === 0
      ? 'No variable of the pipeline is set in this shell; the defaults hold.'
      : `Set in this shell and as expected: ${known.sort().join(', ')}.`,
  );
}

/** A rule names several variables: the one that this shell has set is the one to change. */
function howToMend(problem: string, set: readonly string[]): string {
  const named = problem.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g) ?? [];
  const [first] = named;
  if (first !== undefined && problem.startsWith(`${first} is not set`))
    return `export ${first}=… (what is expected)`;
  return `unset ${named.find((name) => set.includes(name)) ?? first ?? 'it'}, or set it to what is expected`;
}

/** A shell is full of other people's variables: only what is nearly one of ours is told. */
function misspelled(env: Variables, shapes: Shapes): { name: string; meant: string }[] {
  const known = [...new Set([...shapes.values()].flatMap(({ variables }) => Object.keys(variables)))];
  return unknownVariables([...shapes.values()], env).flatMap((name) => {
    const meant = meantBy(name, known);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/**
 * A file of variables. One that is named after a function (`analyze-image.env`) must have all that this function needs;
 * any other is held against every function, as far as it goes.
 * @throws CliError when it cannot be read
 */
export async function fileFindings(path: string, cwd: string, shapes: Shapes): Promise<Finding[]> {
  const file = basename(path);
  const given = Object.fromEntries(parseEnvFile(await textOf(resolve(cwd, path), path)));
  const owner = [...shapes.keys()].find((name) => file.includes(name));
  const held = owner === undefined ? [...shapes] : [...shapes].filter(([name]) => name === owner);
  const all = owner === undefined ? { ...SET_ELSEWHERE, ...given } : given;
  const problems = held.flatMap(([, shape]) =>
    refusedVariables(owner === undefined ? asFarAs(all, shape) : shape, all),
  );
  const known = held.flatMap(([, { variables }]) => Object.keys(variables));
  return orAllWell(
    [
      ...[...new Set(problems)].map((problem) => error(`${file}: ${sentence(problem)}`, `Edit ${path}.`)),
      ...unknownVariables(
        held.map(([, shape]) => shape),
        given,
      ).map((name) => {
        const meant = nearest(name, known);
        return warning(
          `${file}: ${owner ?? 'no function'} ${owner ? 'does not read' : 'reads'} ${name}${meant ? `; ${meant} may be meant` : ''}.`,
          `Edit ${path}.`,
        );
      }),
    ],
    `${file}: ${Object.keys(given).length} variables, as ${owner ?? 'the functions'} expects them.`.replace(
      'the functions expects',
      'the functions expect',
    ),
  );
}

/** Only what is given is held against the options: rules between variables need all of them. */
function asFarAs(given: Variables, { variables, invariants }: OptionShapes): OptionShapes {
  const missing = Object.entries(variables)
    .filter(([name, shape]) => given[name] === undefined && !z.safeParse(shape, undefined).success)
    .map(([name]) => name);
  return {
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => !missing.includes(name))),
    invariants: missing.length === 0 ? invariants : [],
  };
}

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

async function textOf(file: string, typed: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError(`${typed} cannot be read.`, { hint: 'Check the path after --variables.', cause });
  }
}

/** Said when there is nothing else to look at. */
export const nothingNamed = (): Finding =>
  ok('No deployment is named and no local cloud is running; only the configuration was looked at.');
