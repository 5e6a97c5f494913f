import type { Scored } from '../../../evaluation/outcomes.ts';
import { csvRecord } from '../../text/csv.ts';

const COLUMNS = [
  'variant',
  'label',
  'repeat',
  'field',
  'at',
  'expected',
  'given',
  'verdict',
  'exact',
  'confidence',
  'failure',
];

/** One row a cell: every value of every label beside every answer. */
export const cellsCsv = (all: readonly Scored[]): string =>
  [
    csvRecord(COLUMNS),
    ...all.flatMap(({ variant, label, repeat, cells, ending }) =>
      cells.map(({ field, at, expected, given, verdict, exact }) =>
        csvRecord([
          ...[variant, label, repeat, field, at, expected, given, verdict, exact],
          ending.kind === 'answered' ? ending.confidence : null,
          ending.kind === 'failed' ? ending.code : null,
        ]),
      ),
    ),
  ].join('');
