import type { ReaderFacts } from '../../local/reader/facts.ts';
import type { DraftField } from './draft.ts';

/** `Invoice no.: 4711` */
const WITH_COLON = /^\W*(\p{L}[\p{L}\d. _-]{0,38}?)\s*[:=]\s*(\S.*)$/u;
/** `TOTAL EUR 12.50`: up to three words, and a value with a digit. */
const WITHOUT_COLON = /^\W*(\p{L}[\p{L}.]+(?: [\p{L}.]+){0,2}?)\s+([^\s\p{L}]*\d\S*.*)$/u;
/** Says how a value is counted, not what it is. */
const CURRENCY_AT_END = / (?:EUR|USD|GBP|CHF)$/i;

/** What a value looks like, the narrowest first. */
const KINDS: readonly [type: DraftField['type'], pattern: RegExp][] = [
  ['email', /^[\w.+-]+@[\w-]+\.[\w.]+$/],
  ['url', /^(?:https?:\/\/|www\.)\S+$/i],
  ['date', /^(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})$/],
  ['time', /^\d{1,2}:\d\d(?::\d\d)?$/],
  ['integer', /^\d{1,6}$/],
  ['number', /^(?:[A-Z]{3}|[€$£])?\s*-?\d[\d.,]*(?:\s*(?:[A-Z]{3}|[€$£%]))?$/],
];

/** A GTIN has 8, 12, 13 or 14 digits. */
const GTIN = /^(?:\d{8}|\d{12,14})$/;
const MAX_FIELDS = 12;

/** Fields for what was read off a picture: a label and its value each, its codes, and the text where nothing else is. */
export function guessFields({ text, codes }: Pick<ReaderFacts, 'text' | 'codes'>): DraftField[] {
  const fields = new Map<string, DraftField>();
  for (const line of text.split('\n')) {
    const [, label = '', value = ''] = WITH_COLON.exec(line.trim()) ?? WITHOUT_COLON.exec(line.trim()) ?? [];
    const printed = label.trim().replace(CURRENCY_AT_END, '');
    const name = fieldName(printed);
    if (name === '' || fields.has(name) || fields.size >= MAX_FIELDS) continue;
    fields.set(name, { name, type: typeOf(value.trim()), aliases: [printed], nullable: true });
  }
  if (codes.length > 0) {
    const type = codes.every((code) => GTIN.test(code.text)) ? 'gtin' : 'text';
    const several = { name: 'codes', type, isList: true } as const;
    fields.set('codes', codes.length > 1 ? several : { name: 'code', type, nullable: true });
  }
  if (fields.size === 0 && text.trim() !== '')
    fields.set('text', { name: 'text', type: 'text', description: 'text as written in the picture' });
  return [...fields.values()];
}

const typeOf = (value: string): DraftField['type'] =>
  KINDS.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text';

/** `Invoice no.` as `invoiceNo`; nothing of it where it is no name. */
function fieldName(label: string): string {
  const words = label
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const [first = '', ...others] = words.map((word) => word.toLowerCase());
  if (!/^[a-z]{2,}/.test(first) || first === 'confidence') return '';
  return [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('').slice(0, 40);
}
