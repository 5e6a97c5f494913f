/** A value of one cell; objects and lists become JSON. */
export type CsvValue = unknown;

/**
 * Signs that make spreadsheets run a cell as a formula, also after white space; the last three are the full-width
 * forms (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const FORMULA = /^\s*[=+\-@\t\r＝＋＠－]/;

const NEEDS_QUOTES = /[",\r\n\t;]|^\s|\s$/;

/** One record of RFC 4180 with its line end. Texts that a spreadsheet would run get an apostrophe; numbers stay numbers. */
export const csvRecord = (values: readonly CsvValue[]): string => `${values.map(csvCell).join(',')}\r\n`;

export function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
