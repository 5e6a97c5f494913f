import type { z } from 'zod';
import { compileZod } from './schema/compile.ts';
import { formInWords } from './schema/form-in-words.ts';
import { limitProblems } from './schema/limits.ts';
import { type ResponseSchema, responseSchemaOf } from './schema/response-schema.ts';
import { type FieldShape, fieldPath, type ObjectShape, problemText, type Shape } from './schema/shape.ts';

/** What a profile may want beside each value: `boxes` around the place in the picture where it was read. */
export const EVIDENCE_KINDS = ['boxes'] as const;

/** Where a reply has its boxes; no field of a profile that asks for them can have this name. */
export const EVIDENCE_FIELD = 'evidence';

/** What an answer says of itself stands nowhere in the picture. */
export const isOfNoPlace = (path: string): boolean => path === 'confidence';

/** At about 40 tokens each, more would outgrow the answers of the standard ladder (4,096 tokens at its second step). */
const MAX_BOXES = 100;
/** `{"field":"items[12].sku","box_2d":[120,45,180,310]}`: most digits are a token of their own. */
const TOKENS_PER_BOX = 40;
/** So many values a terse answer has, until real ones have been seen. */
const USUAL_VALUES = 15;

/** What is asked of a picture whose values are to come with their places. */
interface EvidenceForm {
  responseSchema: ResponseSchema;
  /** The form in a line, with what its last field means. */
  inWords: string;
  /** Output tokens that the boxes of a usual answer are expected to take. */
  expectedTokens: number;
  /** What can be asked no more because of the boxes, in sentences without their full stop. */
  problems: string[];
}

const known = new WeakMap<z.ZodObject, EvidenceForm>();

/**
 * The form of an answer with its boxes behind it. They come last, so that a reply that is cut off among them still holds
 * the whole answer, and a value is written before its place is.
 */
export function evidenceForm(schema: z.ZodObject): EvidenceForm {
  const made = known.get(schema) ?? make(schema);
  known.set(schema, made);
  return made;
}

/** Why boxes cannot be asked for beside this schema, in sentences without their full stop. */
export const evidenceProblems = (schema: z.ZodObject): string[] =>
  Object.hasOwn(schema.shape, EVIDENCE_FIELD)
    ? [
        `a field called ${EVIDENCE_FIELD} cannot stand beside evidence: boxes, which fill it; rename the field`,
      ]
    : evidenceForm(schema).problems;

function make(schema: z.ZodObject): EvidenceForm {
  const { shape, problems } = compileZod(schema);
  const boxes = Math.min(MAX_BOXES, valuesIn(shape));
  const asked: ObjectShape = {
    kind: 'object',
    fields: [...(shape.kind === 'object' ? shape.fields : []), boxField(boxes)],
  };
  const responseSchema = responseSchemaOf(asked);
  const limits = problems.length > 0 ? [] : limitProblems(asked, responseSchema).problems;
  return {
    responseSchema,
    inWords: `${formInWords(asked)}\n${inWordsFor(shape)}`,
    expectedTokens: Math.min(boxes, USUAL_VALUES) * TOKENS_PER_BOX,
    problems: limits.map((problem) => `with evidence, ${problemText(problem)}`),
  };
}

/** Firestore holds no list in a list, and Gemini is trained on `box_2d`: a list of objects with one box each. */
const boxField = (maxItems: number): FieldShape => ({
  name: EVIDENCE_FIELD,
  required: true,
  shape: {
    kind: 'list',
    maxItems,
    items: {
      kind: 'object',
      fields: [
        { name: 'field', required: true, shape: { kind: 'text' } },
        // Bounds of numbers inside of lists are what makes a schema too complex for the API; the prompt says them.
        {
          name: 'box_2d',
          required: true,
          shape: { kind: 'list', minItems: 4, maxItems: 4, items: { kind: 'integer' } },
        },
      ],
    },
  },
});

const inWordsFor = (shape: Shape): string =>
  `${EVIDENCE_FIELD} says where in the picture each value was read: field is the path of the value, such as ` +
  `${longestPath(shape)}, and box_2d is [ymin, xmin, ymax, xmax] close around it, from 0 to 1000 of the height and of ` +
  'the width. Leave out values that stand nowhere in the picture.';

/** Values that an answer of this form may hold at most, as far as they can have a place. */
function valuesIn(shape: Shape, path = ''): number {
  if (isOfNoPlace(path)) return 0;
  switch (shape.kind) {
    case 'object':
      return shape.fields.reduce((sum, field) => sum + valuesIn(field.shape, fieldPath(path, field.name)), 0);
    case 'list':
      return (shape.maxItems ?? MAX_BOXES) * valuesIn(shape.items, `${path}[0]`);
    case 'union':
      return Math.max(...shape.options.map((option) => valuesIn(option, path)));
    default:
      return 1;
  }
}

/** The path that shows most of how paths are written. */
function longestPath(shape: Shape, path = ''): string {
  const inner = ((): string[] => {
    switch (shape.kind) {
      case 'object':
        return shape.fields
          .map((field) => longestPath(field.shape, fieldPath(path, field.name)))
          .filter((one) => !isOfNoPlace(one));
      case 'list':
        return [longestPath(shape.items, `${path}[0]`)];
      default:
        return [];
    }
  })();
  const depth = (one: string): number => one.split(/[.[]/).length;
  return inner.reduce((best, one) => (best === path || depth(one) > depth(best) ? one : best), path);
}
