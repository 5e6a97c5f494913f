import type { z } from 'zod';
import { nearName } from './near-name.ts';
import { keysAt } from './profile-file.ts';
import type { FileProblem, ReadText } from './strict-yaml.ts';

type Issue = z.core.$ZodIssue;

/** The issues of a file that does not have the form, as sentences with their places. */
export const problemsOfIssues = (
  issues: readonly Issue[],
  { placeOf }: Pick<ReadText, 'placeOf'>,
): FileProblem[] =>
  issues.flatMap((issue) => sentencesOf(issue, [])).map(({ path, text }) => ({ ...placeOf(path), text }));

interface Sentence {
  path: readonly PropertyKey[];
  text: string;
}

function sentencesOf(issue: Issue, around: readonly PropertyKey[]): Sentence[] {
  const path = [...around, ...issue.path];
  const say = (text: string, at = path): Sentence[] => [{ path: at, text }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) => say(unknownKey(key, path), [...path, key]));
    case 'invalid_union':
      return ofUnion(issue, path);
    case 'invalid_value':
      return say(notOneOf(nameOf(path), issue.input, issue.values.map(String)));
    case 'invalid_type':
      return say(
        `${nameOf(path)} ${issue.input === undefined ? 'is missing' : `must be ${kindOf(issue.expected)}`}`,
      );
    default:
      return say(`${nameOf(path)}: ${issue.message}`);
  }
}

/** Of the forms that a value may have, the one that it comes nearest to says what is wrong. */
function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly PropertyKey[]): Sentence[] {
  const branches = issue.errors.filter(
    (errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'),
  );
  const [branch] = branches.toSorted((a, b) => depthOf(b) - depthOf(a));
  if (branch) return branch.flatMap((error) => sentencesOf(error, path));
  if (issue.path.at(-1) === 'check')
    return [{ path, text: notOneOf(nameOf(path), checkNamed(issue), CHECKS) }];
  return [{ path, text: `${nameOf(path)} has none of the forms that it may have` }];
}

/** zod hands over the whole check where its name is none of the known ones. */
function checkNamed(issue: Issue): unknown {
  const { input } = issue;
  return typeof input === 'object' && input !== null && 'check' in input ? input.check : input;
}

const CHECKS = ['gtin-check-digit', 'distinct', 'agreeing', 'printed-codes', 'within'];

/** A value of the right kind is looked at inside, which makes longer paths. */
const depthOf = (errors: readonly Issue[]): number => Math.max(0, ...errors.map(({ path }) => path.length));

const nameOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? 'the file' : path.map(String).join('.');

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  const known = keysAt(path);
  const meant = nearName(key, known);
  const where = path.length === 0 ? 'a profile' : nameOf(path);
  const instead = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return `${where} has no "${key}"; ${instead}`;
}

function notOneOf(name: string, given: unknown, known: readonly string[]): string {
  const meant = typeof given === 'string' ? nearName(given, known) : undefined;
  const said = given === undefined ? `${name} is missing` : `${name} cannot be ${JSON.stringify(given)}`;
  return `${said}; ${meant === undefined ? `write one of ${known.join(', ')}` : `did you mean ${meant}?`}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys and values',
  record: 'a group of keys and values',
};

const kindOf = (expected: string): string => KINDS[expected] ?? expected;
