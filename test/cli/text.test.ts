import { describe, expect, it } from 'vitest';
import { csvCell, csvRecord } from '../../cli/text/csv.ts';
import { plain } from '../../cli/text/plain.ts';
import { tableLines } from '../../cli/text/table.ts';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatRemaining,
  parseMoment,
} from '../../cli/text/units.ts';
import { displayWidth, truncate, wrap } from '../../cli/text/width.ts';

describe('a CSV cell', () => {
  it.each([
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [null, ''],
    [undefined, ''],
    [-3.5, '-3.5'],
    [true, 'true'],
    [['a', 'b'], '"[""a"",""b""]"'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('of %j is %j', (value, cell) => expect(csvCell(value)).toBe(cell));

  it.each([['=1+1'], ['+1+1'], ['-A1'], ['@SUM(A1)'], ['\tx'], ['\rx'], [' =1'], ['＝1'], ['－1']])(
    'that a spreadsheet would run gets an apostrophe (%j)',
    (text) => expect(csvCell(text)).toContain(`'${text}`),
  );

  it.each([
    ['-5', '"-5"'],
    ['+49.5', '"+49.5"'],
    ['00123', '"00123"'],
  ])('that is a text of digits stays as it is, in quotes that tell it from a number (%j)', (text, cell) =>
    expect(csvCell(text)).toBe(cell),
  );

  it('is left alone where no spreadsheet reads it', () =>
    expect(csvCell('=1+1', { guardFormulas: false })).toBe('=1+1'));

  it('ends its record as RFC 4180 wants', () => expect(csvRecord(['a', 1, ''])).toBe('a,1,\r\n'));
});

describe('text from outside', () => {
  it('loses everything that a terminal would obey', () => {
    expect(plain('a\u001b[31mb\u0007c\u009bd\u202ee\nf')).toBe('a�[31mb�c�d�e f');
  });
});

describe('the width of text', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['e\u0301', 1],
    ['👨‍👩‍👧', 2],
    ['\u001b[31mred\u001b[39m', 3],
    ['棚 A', 4],
  ])('%j takes %i cells', (text, cells) => expect(displayWidth(text)).toBe(cells));

  it('is never more than asked for when text is shortened', () => {
    expect(truncate('shelf of goods', 8)).toBe('shelf o…');
    expect(truncate('日本語の棚', 6)).toBe('日本…');
    expect(truncate('short', 8)).toBe('short');
  });

  it('breaks lines between words', () => {
    expect(wrap('one two  three', 7)).toEqual(['one two', 'three']);
  });
});

describe('a table', () => {
  it('shortens its widest columns until it fits', () => {
    const columns = [
      { title: 'NAME', shrinkTo: 6 },
      { title: 'N', align: 'right' as const },
    ];
    const lines = tableLines(columns, [['a-long-name.jpg', '12']], { width: 12 });
    expect(lines).toEqual(['NAME       N', 'a-long-…  12']);
  });
});

describe('units', () => {
  it.each([
    [999, '999 B'],
    [812_345, '812 KB'],
    [3_400_000, '3.4 MB'],
    [250_000_000, '250 MB'],
    [1_500_000_000, '1.5 GB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [85, '85 ms'],
    [1_234, '1.2 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%i ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [-5_000, 'just now'],
    [59_999, 'just now'],
    [60_000, '1 min ago'],
    [3_599_999, '59 min ago'],
    [3_600_000, '1 h ago'],
    [86_399_999, '23 h ago'],
    [86_400_000, '2026-11-20'],
  ])('what is %i ms old was made %s', (ms, text) => {
    const at = new Date(2026, 10, 20, 12);
    expect(formatAge(at, at.getTime() + ms)).toBe(text);
  });

  it.each([
    [0.2, '1 s'],
    [42.1, '43 s'],
    [600, '10 min'],
    [5_460, '1 h 31 min'],
  ])('%d s remaining are %s', (seconds, text) => expect(formatRemaining(seconds)).toBe(text));

  it.each([
    ['90m', '2026-11-20T10:30:00.000Z'],
    ['7d', '2026-11-13T12:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ])('%s before noon of 20 November 2026 is %s', (text, iso) => {
    expect(parseMoment(text, Date.parse('2026-11-20T12:00:00Z'))?.toISOString()).toBe(iso);
  });

  it.each([['yesterday'], ['-3h'], [''], ['2026-13-45']])('%j is no time', (text) =>
    expect(parseMoment(text, 0)).toBeUndefined(),
  );
});
