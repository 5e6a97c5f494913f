import type { ReaderFacts } from '../../local/reader/facts.ts';
import type { DraftField } from './draft.ts';

/** `Total: 12.50`, `Invoice no. 4711`, `DATE 2026-11-29`: a name of up to three words, and a value. */
const LABELLED =
  /^\W*([A-Za-zÄÖÜäöüß][\wÄÖÜäöüß.]*(?: [A-Za-zÄÖÜäöüß.]+){0,2}?)\s*(?:[:#=]\s*|\s+)(?=\S*\d|[^:]*$)(\S.*)$/;
const WITH_COLON = /^\W*([A-Za-zÄÖÜäöüß][\wÄÖÜäöüß. -]{0,38}?)\s*[:=]\s*(\S.*)$/;

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
    const [, label = '', value = ''] = WITH_COLON.exec(line.trim()) ?? LABELLED.exec(line.trim()) ?? [];
    const name = fieldName(label);
    if (name === '' || fields.has(name) || fields.size >= MAX_FIELDS) continue;
    fields.set(name, { name, type: typeOf(value.trim()), aliases: [label.trim()], nullable: true });
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
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const [first = '', ...others] = words.map((word) => word.toLowerCase());
  if (!/^[a-z]{2,}/.test(first) || first === 'confidence') return '';
  return [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('').slice(0, 40);
}
