import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FAILURES } from '../shared/base/errors/codes.ts';
import type { Disposition } from '../shared/base/errors/disposition.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const START = '<!-- failures: written by build/failure-table.ts -->';
const END = '<!-- /failures -->';

const endOf = ({ park, redeliver, status }: Disposition): string => {
  if (park) return 'parked';
  return redeliver ? 'delivered again' : status;
};

/** The table of `shared/base/errors/codes.ts` as the README shows it. */
function failureTable(): string {
  const rows = Object.entries(FAILURES).map(([code, row]) => `| ${code} | ${endOf(row)} | ${row.hint} |`);
  return ['| code | ends as | what to do |', '|---|---|---|', ...rows].join('\n');
}

/** The README with its failure table generated again; unchanged when it is up to date. */
export const withFailureTable = (text: string): string =>
  text.replace(new RegExp(`${START}[\\s\\S]*?${END}`), () => `${START}\n${failureTable()}\n${END}`);

if (import.meta.main) await writeFile(readme, withFailureTable(await readFile(readme, 'utf8')));
