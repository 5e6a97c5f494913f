import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { problemAt } from '../../shared/profiles/folder.ts';

export const SMALLEST = 'prompt: Read it.\nfields:\n  total: number\n';

/** What a text is read as, when it is a profile. */
export function readingOf(text: string) {
  const read = readProfileText('receipt', text);
  if ('problems' in read)
    throw new Error(read.problems.map((one) => problemAt('receipt.yaml', one)).join('\n'));
  return read;
}

export const profileOf = (text: string) => readingOf(text).profile;

/** Everything that is said against a text. */
export function problemsOf(text: string): string {
  const read = readProfileText('receipt', text);
  return 'problems' in read ? read.problems.map((one) => problemAt('receipt.yaml', one)).join('\n') : '';
}
