import { z } from 'zod';
import { isCurrency, isGtin } from './code-formats.ts';
import type { TextFormat } from './keywords.ts';
import type { FieldShape, ListShape, NumberShape, ObjectShape, Shape, TextShape } from './shape.ts';

/** What holds an answer to its shape. Fields of other names are dropped, unless the shape is strict. */
export function validatorOf(shape: ObjectShape & Shape): z.ZodObject {
  const object = objectOf(shape);
  return shape.description === undefined ? object : object.describe(shape.description);
}

/** The same for any shape, as a field of an object is held to it. */
export function fieldValidator(shape: Shape): z.ZodType {
  const bare = bareOf(shape);
  const nullable = shape.nullable ? bare.nullable() : bare;
  const filled = shape.fallback === undefined ? nullable : nullable.default(shape.fallback as never);
  return shape.description === undefined ? filled : filled.describe(shape.description);
}

function bareOf(shape: Shape): z.ZodType {
  switch (shape.kind) {
    case 'text':
      return textValidator(shape);
    case 'number':
    case 'integer':
      return numberValidator(shape);
    case 'boolean':
      return z.boolean();
    case 'choice': {
      const [first, ...others] = shape.values;
      const texts = shape.values.filter((value) => typeof value === 'string');
      return texts.length === shape.values.length ? z.enum(texts) : z.literal([first ?? '', ...others]);
    }
    case 'list':
      return listValidator(shape);
    case 'object':
      return objectOf(shape);
    case 'union': {
      const options = shape.options.map(fieldValidator);
      return shape.exclusive ? z.xor(options) : z.union(options);
    }
  }
}

const objectOf = ({ fields, strict }: ObjectShape): z.ZodObject => {
  const shape = Object.fromEntries(fields.map((field) => [field.name, ownValidator(field)]));
  return strict ? z.strictObject(shape) : z.object(shape);
};

function ownValidator({ shape, required }: FieldShape): z.ZodType {
  const validator = fieldValidator(shape);
  return required || shape.fallback !== undefined ? validator : validator.optional();
}

function listValidator({ items, minItems, maxItems, uniqueItems }: ListShape): z.ZodType {
  let list = z.array(fieldValidator(items));
  if (minItems !== undefined) list = list.min(minItems);
  if (maxItems !== undefined) list = list.max(maxItems);
  return uniqueItems
    ? list.refine(
        (all) => new Set(all.map((one) => JSON.stringify(one))).size === all.length,
        'holds an item twice',
      )
    : list;
}

function numberValidator(shape: NumberShape): z.ZodType {
  let number = shape.kind === 'integer' ? z.int() : z.number();
  if (shape.minimum !== undefined) number = number.min(shape.minimum);
  if (shape.maximum !== undefined) number = number.max(shape.maximum);
  if (shape.exclusiveMinimum !== undefined) number = number.gt(shape.exclusiveMinimum);
  if (shape.exclusiveMaximum !== undefined) number = number.lt(shape.exclusiveMaximum);
  return shape.multipleOf === undefined ? number : number.multipleOf(shape.multipleOf);
}

function textValidator({ minLength, maxLength, patterns = [], format }: TextShape): z.ZodType {
  let text = format === undefined ? z.string() : (FORMATTED[format as TextFormat] ?? z.string)();
  if (minLength !== undefined) text = text.min(minLength);
  if (maxLength !== undefined) text = text.max(maxLength);
  for (const pattern of patterns) text = text.regex(new RegExp(pattern, 'u'));
  return text;
}

/** A text type of zod with the checks that each of them has. */
type TextType = Pick<z.ZodString, 'min' | 'max' | 'regex'> & z.ZodType;

const FORMATTED: Readonly<Record<TextFormat, () => TextType>> = {
  date: () => z.iso.date() as unknown as TextType,
  'date-time': () => z.iso.datetime({ offset: true }) as unknown as TextType,
  time: () => z.iso.time() as unknown as TextType,
  duration: () => z.iso.duration() as unknown as TextType,
  email: () => z.email() as unknown as TextType,
  uuid: () => z.uuid() as unknown as TextType,
  uri: () => z.url() as unknown as TextType,
  hostname: () => z.hostname() as unknown as TextType,
  ipv4: () => z.ipv4() as unknown as TextType,
  ipv6: () => z.ipv6() as unknown as TextType,
  gtin: () => z.string().refine(isGtin, 'is no GTIN: its check digit is wrong').meta({ format: 'gtin' }),
  currency: () => z.string().refine(isCurrency, 'is no currency of ISO 4217').meta({ format: 'currency' }),
};
