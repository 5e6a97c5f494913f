import { boundsOf } from './response-schema.ts';
import type { Shape, TextShape } from './shape.ts';

/** The form in a few words for the prompt, e.g. `{ sku: string, quantity: integer 0..9, tags: [string] up to 12 }`. */
export function formInWords(shape: Shape): string {
  const text = kindInWords(shape);
  return shape.nullable === true ? `${text} or null` : text;
}

function kindInWords(shape: Shape): string {
  switch (shape.kind) {
    case 'object': {
      const fields = shape.fields.map(
        ({ name, shape: field, required }) => `${name}${required ? '' : '?'}: ${formInWords(field)}`,
      );
      return `{ ${fields.join(', ')} }`;
    }
    case 'list':
      return `[${formInWords(shape.items)}]${shape.maxItems === undefined ? '' : ` up to ${shape.maxItems}`}`;
    case 'choice':
      return shape.values.map((value) => `"${value}"`).join('|');
    case 'text':
      return textInWords(shape);
    case 'number':
    case 'integer': {
      const { minimum, maximum } = boundsOf(shape);
      return `${shape.kind}${minimum !== undefined && maximum !== undefined ? ` ${minimum}..${maximum}` : ''}`;
    }
    case 'boolean':
      return 'boolean';
    case 'union':
      return shape.options.map((option) => `(${formInWords(option)})`).join(' or ');
  }
}

/** The API holds a text to no format, so the prompt says it in words. */
const FORMATS_IN_WORDS: Readonly<Record<string, string>> = {
  date: 'date YYYY-MM-DD',
  'date-time': 'date and time with zone, as 2026-01-31T09:05:00Z',
  time: 'time HH:MM:SS',
  email: 'e-mail address',
  uri: 'URL',
  gtin: 'GTIN, digits only',
  currency: 'currency code of ISO 4217',
};

const textInWords = ({ format = '' }: TextShape): string =>
  Object.hasOwn(FORMATS_IN_WORDS, format) ? `string (${FORMATS_IN_WORDS[format]})` : 'string';
