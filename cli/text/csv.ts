/** A value of one cell; objects and lists become JSON. */
type CsvValue = unknown;

interface CsvOptions {
  /** False: texts are written as they are, for programs that run no formulas. */
  guardFormulas?: boolean;
}

/**
 * Signs that make spreadsheets run a cell as a formula, also after white space; the last three are the full-width
 * forms (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const FORMULA = /^\s*[=+\-@\t\r＝＋＠－]/;
/** A signed number is a number to a spreadsheet and nothing to run. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

const NEEDS_QUOTES = /[",\r\n\t;]|^\s|\s$/;

/** One record of RFC 4180 with its line end. Texts that a spreadsheet would run get an apostrophe; numbers stay numbers. */
export const csvRecord = (values: readonly CsvValue[], options: CsvOptions = {}): string =>
  `${values.map((value) => csvCell(value, options)).join(',')}\r\n`;

export function csvCell(value: CsvValue, { guardFormulas = true }: CsvOptions = {}): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isNumber = NUMBER.test(text);
  const guarded = guardFormulas && !isNumber && FORMULA.test(text) ? `'${text}` : text;
  // Quotes tell a text of digits from a number: 00123 keeps its zeros where a reader heeds them.
  return isNumber || NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
