import type { ReaderFacts } from '../reader/facts.ts';

/** One article on a label: what is printed, and the barcode that belongs to it. */
export interface LabelItem {
  sku?: string;
  quantity?: number;
  /** The barcode's full text. */
  code?: string;
  format?: string;
  /** The printed lines the item was read from. */
  text: string;
}

export interface Label {
  items: LabelItem[];
  shelf?: string;
  /** Lines that look like print on a label; prose and anything that talks to the reader is left out. */
  lines: string[];
}

const KEY_END = '\\s*[-:#.=]?\\s*';
const SKU = new RegExp(
  `^\\W*(?:SKU|ART(?:ICLE)?(?:\\s*NO)?|ITEM(?:\\s*NO)?|PART(?:\\s*NO)?)${KEY_END}([A-Z0-9][A-Z0-9./-]*)`,
  'i',
);
const QUANTITY = new RegExp(
  `(?:^|\\s)(?:[QO0]TY|QUANTITY|COUNT|STOCK|UNITS|PCS)${KEY_END}(\\d{1,6})(?![\\d.,])`,
  'i',
);
const PIECES = /(?:^|\s)(\d{1,6})\s*(?:PCS|PIECES|UNITS|PC|QTY)\b/i;
const SHELF = new RegExp(
  `^\\W*(?:SHELF|RACK|AISLE|BIN|BAY|LOC|LOCATION)${KEY_END}([A-Z0-9][A-Z0-9./-]*)`,
  'i',
);

/** Print never orders the reader about; text that does is text and nothing more. */
const INSTRUCTION =
  /\b(ignore|disregard|forget|instructions?|system prompt|prompt|answer|respond|reply|output|return|pretend|you are|you must)\b/i;
const MARKUP = /[{}<>"`[\]]/;

/** Reads articles, quantities and the shelf off the printed lines and the codes. */
export function readLabel(facts: ReaderFacts): Label {
  const lines = printedLines(facts.text);
  const printed = printedItems(lines);
  const shelf = firstMatch(SHELF, [...lines, ...facts.codes.map((code) => code.text)]);
  const codes = facts.codes.filter((code) => !SHELF.test(code.text));
  const items = matchCodes(printed, codes);
  return { items, lines, ...(shelf === undefined ? {} : { shelf }) };
}

/** A line that gives orders takes the next one with it: sentences wrap. */
function printedLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter(
    (line, index) =>
      line !== '' &&
      !MARKUP.test(line) &&
      !INSTRUCTION.test(line) &&
      !INSTRUCTION.test(lines[index - 1] ?? ''),
  );
}

function printedItems(lines: readonly string[]): LabelItem[] {
  const items: LabelItem[] = [];
  for (const line of lines) {
    const sku = SKU.exec(line)?.[1];
    const quantity = quantityOf(line);
    if (sku !== undefined) {
      items.push({ sku, text: line, ...(quantity === undefined ? {} : { quantity }) });
    } else if (quantity !== undefined) {
      addQuantity(items, quantity, line);
    }
  }
  return items;
}

function addQuantity(items: LabelItem[], quantity: number, line: string): void {
  const last = items.at(-1);
  if (last && last.quantity === undefined) {
    last.quantity = quantity;
    last.text = `${last.text}\n${line}`;
  } else {
    items.push({ quantity, text: line });
  }
}

function quantityOf(line: string): number | undefined {
  const digits = (QUANTITY.exec(line) ?? PIECES.exec(line))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function matchCodes(printed: readonly LabelItem[], codes: ReaderFacts['codes']): LabelItem[] {
  const items = printed.map((item) => ({ ...item }));
  for (const code of codes) {
    const named = codeItem(code);
    const match = items.find(
      (item) => !item.code && (isSame(item.sku, named.sku) || (printed.length === 1 && codes.length === 1)),
    );
    if (!match) items.push(named);
    else Object.assign(match, merge(match, named));
  }
  return items;
}

/** A barcode has a check digit and print has none: where the two differ by one character, the barcode is right. */
function merge(printed: LabelItem, code: LabelItem): LabelItem {
  const sku = printed.sku === undefined || isSame(printed.sku, code.sku) ? code.sku : printed.sku;
  return { ...code, ...printed, ...(sku === undefined ? {} : { sku }), text: printed.text };
}

function codeItem({ text, format }: ReaderFacts['codes'][number]): LabelItem {
  const parts = text.split(/[\s;,|]+/);
  const sku = firstMatch(SKU, parts) ?? parts[0] ?? text;
  const quantity = parts.map(quantityOf).find((found) => found !== undefined);
  return { sku, code: text, format, text: '', ...(quantity === undefined ? {} : { quantity }) };
}

function isSame(printed: string | undefined, code: string | undefined): boolean {
  if (printed === undefined || code === undefined) return false;
  const [a, b] = [bare(printed), bare(code)];
  if (a.length !== b.length) return false;
  return [...a].filter((letter, index) => letter !== b[index]).length <= (a.length >= 5 ? 1 : 0);
}

const bare = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '');

const firstMatch = (pattern: RegExp, lines: readonly string[]): string | undefined =>
  lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
