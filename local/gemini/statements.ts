import type { ReadCode, ReaderFacts } from '../reader/facts.ts';

const READABLE_FORMATS: Readonly<Record<string, string>> = {
  QRCode: 'QR code',
  EAN13: 'EAN-13 barcode',
  EAN8: 'EAN-8 barcode',
  UPCA: 'UPC-A barcode',
  UPCE: 'UPC-E barcode',
  Code128: 'Code 128 barcode',
  Code39: 'Code 39 barcode',
  DataMatrix: 'Data Matrix code',
};

const MAX_QUOTED = 120;
const MAX_CODES_NAMED = 3;
/** A color below this share is not what a person would name the picture by. */
const NAMED_COLOR_SHARE = 0.15;

const formatName = (format: string): string => READABLE_FORMATS[format] ?? `${format} code`;

export const shape = ({ width, height }: ReaderFacts): string =>
  width > height * 1.1 ? 'landscape' : height > width * 1.1 ? 'portrait' : 'square';

/** Everyday names of the colors that make up the picture, without repetition. */
export const colorNames = (facts: ReaderFacts, minShare = NAMED_COLOR_SHARE): string[] => [
  ...new Set(facts.colors.filter((color) => color.share >= minShare).map((color) => color.name)),
];

/** What was read, as a sentence. It claims nothing that was not. */
export function caption(facts: ReaderFacts): string {
  if (facts.width === 0) return 'There is no picture to read.';
  const colors = colorNames(facts).slice(0, 2);
  const start = `A ${shape(facts)} picture of ${facts.width} x ${facts.height} pixels`;
  return [
    start,
    colors.length > 0 ? `, mostly ${colors.join(' and ')}` : '',
    ...seen(facts).map((thing, index) => `${index === 0 ? ', with ' : ' and '}${thing}`),
    '.',
  ].join('');
}

/** A few words to call the picture by. */
export function title(facts: ReaderFacts): string {
  const line = facts.text.split('\n')[0] ?? '';
  if (line !== '') return shorten(line, 60);
  const [code] = facts.codes;
  if (code) return `${capitalize(formatName(code.format))} ${shorten(code.text, 40)}`;
  return capitalize([colorNames(facts)[0], shape(facts), 'picture'].filter(Boolean).join(' '));
}

/** Words to find the picture by: what it holds, its colors, its shape. */
export function tags(facts: ReaderFacts): string[] {
  const kinds = facts.codes.map(({ format }) => (format === 'QRCode' ? 'qr code' : 'barcode'));
  return [...new Set([...kinds, ...(facts.text === '' ? [] : ['text']), ...colorNames(facts), shape(facts)])];
}

function seen({ codes, text }: ReaderFacts): string[] {
  const named = codes.slice(0, MAX_CODES_NAMED).map(codePhrase);
  const more = codes.length - named.length;
  return [
    ...(named.length > 0 ? [named.join(', ') + (more > 0 ? ` and ${more} more codes` : '')] : []),
    ...(text === '' ? [] : [`the text "${shorten(text.replaceAll('\n', ' '), MAX_QUOTED)}"`]),
  ];
}

const codePhrase = ({ format, text }: ReadCode): string => {
  const name = formatName(format);
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name} ${shorten(text, 60)}`;
};

const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 3).trimEnd()}...`;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
