import type { FieldShape, NumberShape, Shape, TextShape } from './shape.ts';

/** The zod schema of a shape as source text, for programs that read results; `indent` is that of its first line. */
export function zodSource(shape: Shape, indent = ''): string {
  const nullable = shape.nullable ? '.nullable()' : '';
  const fallback = shape.fallback === undefined ? '' : `.default(${literal(shape.fallback)})`;
  const described = shape.description === undefined ? '' : `.describe(${literal(shape.description)})`;
  return `${bareSource(shape, indent)}${nullable}${fallback}${described}`;
}

function bareSource(shape: Shape, indent: string): string {
  switch (shape.kind) {
    case 'text':
      return textSource(shape);
    case 'number':
    case 'integer':
      return numberSource(shape);
    case 'boolean':
      return 'z.boolean()';
    case 'choice': {
      const values = shape.values.map(literal).join(', ');
      return shape.values.every((value) => typeof value === 'string')
        ? `z.enum([${values}])`
        : `z.literal([${values}])`;
    }
    case 'list':
      return `z.array(${zodSource(shape.items, indent)})${bound('min', shape.minItems)}${bound('max', shape.maxItems)}`;
    case 'object': {
      const fields = shape.fields.map((field) => `${indent}  ${fieldSource(field, `${indent}  `)},\n`);
      return `${shape.strict ? 'z.strictObject' : 'z.object'}({\n${fields.join('')}${indent}})`;
    }
    case 'union':
      return `z.union([${shape.options.map((option) => zodSource(option, indent)).join(', ')}])`;
  }
}

const fieldSource = ({ name, shape, required }: FieldShape, indent: string): string =>
  `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)}: ${zodSource(shape, indent)}${required || shape.fallback !== undefined ? '' : '.optional()'}`;

const FORMATTED: Readonly<Record<string, string>> = {
  date: 'z.iso.date()',
  'date-time': 'z.iso.datetime({ offset: true })',
  time: 'z.iso.time()',
  email: 'z.email()',
  uuid: 'z.uuid()',
  uri: 'z.url()',
};

const textSource = ({ format = '', minLength, maxLength, patterns = [] }: TextShape): string =>
  `${FORMATTED[format] ?? 'z.string()'}${bound('min', minLength)}${bound('max', maxLength)}${patterns
    .map((pattern) => `.regex(new RegExp(${literal(pattern)}, 'u'))`)
    .join('')}`;

const numberSource = (shape: NumberShape): string =>
  `${shape.kind === 'integer' ? 'z.int()' : 'z.number()'}${bound('min', shape.minimum)}${bound('max', shape.maximum)}` +
  `${bound('gt', shape.exclusiveMinimum)}${bound('lt', shape.exclusiveMaximum)}${bound('multipleOf', shape.multipleOf)}`;

const bound = (rule: string, value: number | undefined): string =>
  value === undefined ? '' : `.${rule}(${String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '_')})`;

/** A value as TypeScript writes it, texts in single quotes where that needs no escape. */
const literal = (value: unknown): string => {
  const json = JSON.stringify(value);
  return typeof value === 'string' && !/['\\\n]/.test(value) && !json.includes('\\') ? `'${value}'` : json;
};
