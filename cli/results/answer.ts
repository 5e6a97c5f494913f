import type { Output } from '../output.ts';
import { plain } from '../text/plain.ts';
import { displayWidth, padEnd, wrap } from '../text/width.ts';
import { words } from './digest.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of an answer, one below the other; lists of objects as tables. */
export function printAnswer(out: Output, answer: Fields, indent: string): void {
  const labels = Object.keys(answer).map((field) => plain(words(field)));
  const labelCells = Math.max(0, ...labels.map(displayWidth)) + 2;
  for (const [index, value] of Object.values(answer).entries()) {
    const label = out.dim(padEnd(labels[index] ?? '', labelCells));
    if (Array.isArray(value) && value.length > 0 && value.every(isFields)) {
      out.line(`${indent}${label}`.trimEnd());
      printTable(out, value, `${indent}${indent}`);
      continue;
    }
    const cells = Math.max(40, out.width - indent.length - labelCells);
    const lines = textOf(value)
      .split('\n')
      .flatMap((line) => wrap(plain(line), cells));
    for (const [at, line] of lines.entries())
      out.line(`${indent}${at === 0 ? label : ' '.repeat(labelCells)}${line}`.trimEnd());
  }
}

function printTable(out: Output, rows: readonly Fields[], indent: string): void {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  out.table(
    fields.map((field) => ({
      title: plain(words(field)).toUpperCase(),
      shrinkTo: 8,
      ...(rows.every((row) => typeof row[field] === 'number') ? { align: 'right' as const } : {}),
    })),
    rows.map((row) => fields.map((field) => plain(textOf(row[field])))),
    indent,
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.length === 0 ? '–' : value.join(', ');
  return JSON.stringify(value);
}
