import { z } from 'zod';
import { LANES } from '../../prices/lanes.ts';
import { THINKING_LEVELS } from '../define.ts';
import { EVIDENCE_KINDS } from '../evidence.ts';
import { PATIENCE_FORM } from '../lane-choice.ts';
import { LEAST_MAX_BYTES, PREPARATIONS } from '../preparation.ts';
import { LEAST_SIMILARITY } from '../similar.ts';
import { LADDERS } from '../standard-ladder.ts';

/** Kinds of a field, and what each is in JSON Schema. */
export const FIELD_TYPES = {
  text: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'time' },
  'date-time': { type: 'string', format: 'date-time' },
  email: { type: 'string', format: 'email' },
  url: { type: 'string', format: 'uri' },
  uuid: { type: 'string', format: 'uuid' },
  gtin: { type: 'string', format: 'gtin' },
  currency: { type: 'string', format: 'currency' },
} as const satisfies Readonly<Record<string, { type: string; format?: string }>>;

type LadderName = keyof typeof LADDERS;
type FieldType = keyof typeof FIELD_TYPES;

const fieldType = z
  .enum(Object.keys(FIELD_TYPES) as [FieldType, ...FieldType[]])
  .describe('What the field holds; text unless said otherwise. gtin and currency are checked.');

const choice = z.union([z.string(), z.number(), z.boolean()]);

const comparator = z.union([
  z.enum(['exact', 'text', 'date', 'set', 'order']),
  z.strictObject({ within: z.number().min(0).describe('How far from the right number a value may be.') }),
]);

/** A field with its rules. */
const fieldRow = z.strictObject({
  type: fieldType.optional(),
  description: z.string().optional().describe('What the field means: the model reads it.'),
  required: z.boolean().optional().describe('Whether it must be there; true unless said otherwise.'),
  nullable: z.boolean().optional().describe('Whether it may be null, for what cannot be seen.'),
  enum: z.array(choice).optional().describe('The values that are possible.'),
  get fields() {
    return fieldRows.optional().describe('The fields of an object.');
  },
  get listOf() {
    return field.optional().describe('What each entry of a list is; the list needs max.');
  },
  min: z
    .number()
    .optional()
    .describe('Of a number its least value, of a text its characters, of a list its entries.'),
  max: z
    .number()
    .optional()
    .describe('Of a number its greatest value, of a text its characters, of a list its entries.'),
  pattern: z.string().optional().describe('A regular expression that the text must match.'),
  unique: z.boolean().optional().describe('Whether a list may hold each entry once only.'),
  aliases: z
    .array(z.string())
    .optional()
    .describe('Other names that pictures use for it, e.g. "Total", "Summe".'),
  examples: z.array(choice).optional().describe('What a value may look like.'),
  default: z.unknown().optional().describe('Stands in for a missing value.'),
  compare: comparator
    .optional()
    .describe(
      'When a value counts as right in an evaluation: exact; text (no case, no white space); date; within a tolerance; of a list: set or order. The model never sees it.',
    ),
});

const field = z.union([fieldType, fieldRow]);
const fieldRows = z.record(z.string(), field);

export type FieldRow = z.infer<typeof fieldRow>;
export type FieldRows = Readonly<Record<string, z.infer<typeof field>>>;

const ladderStep = z.strictObject({
  model: z.string().optional().describe('A model, as prices/ names it.'),
  models: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Several models that may answer as well as each other.'),
  mediaResolution: z
    .enum(['LOW', 'MEDIUM', 'HIGH', 'ULTRA_HIGH'])
    .describe('The token budget of the picture: 280, 560, 1120 or 2240.'),
  thinkingLevel: z
    .enum(THINKING_LEVELS)
    .optional()
    .describe('How long the model may think; needed by every model but gemini-decision-1.'),
  maxOutputTokens: z
    .int()
    .min(1)
    .optional()
    .describe('Thinking and answer together; needed by every model but gemini-decision-1.'),
});

const whenBroken = z
  .enum(['climb', 'report'])
  .optional()
  .describe(
    'What follows when the check fails: the next step of the ladder (unless said otherwise), or only a note in the result.',
  );

const at = z.string().describe('The field, e.g. items[].sku');

/** A rule that an answer must keep to be believed. */
const check = z.discriminatedUnion('check', [
  z.strictObject({ check: z.literal('gtin-check-digit'), field: at, whenBroken }),
  z.strictObject({ check: z.literal('distinct'), field: at, whenBroken }),
  z.strictObject({ check: z.literal('agreeing'), field: at, whenBroken }),
  z.strictObject({ check: z.literal('printed-codes'), field: at, whenBroken }),
  z.strictObject({ check: z.literal('within'), field: at, min: z.number(), max: z.number(), whenBroken }),
]);

export type CheckRow = z.infer<typeof check>;

const leastSimilarity = z.number().min(LEAST_SIMILARITY).max(1).describe('The least similarity, 0.95 to 1.');

/** A profile as it stands in a file. */
export const profileFile = z
  .strictObject({
    $schema: z.string().optional().describe('Where this schema is, for editors.'),
    name: z.string().optional().describe('The name of the file without its ending.'),
    version: z
      .int()
      .min(1)
      .optional()
      .describe('Which form of the profile this is; counted automatically when absent.'),
    description: z.string().optional().describe('For people; the model does not read it.'),
    prompt: z.string().min(1).describe('What is asked of the picture, in one or a few sentences.'),
    guide: z.string().optional().describe('Long instructions that every picture needs, such as a catalog.'),
    references: z
      .array(
        z.strictObject({
          file: z.string().describe('JPEG or PNG below profiles/references, e.g. damage/dent.jpg'),
          caption: z.string().describe('What it shows; the model reads it.'),
        }),
      )
      .optional()
      .describe('Pictures that show what words cannot; sent with every question.'),
    fields: fieldRows.optional().describe('What an answer holds: a name and a type for each field.'),
    schema: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('A JSON Schema (2020-12) instead of fields.'),
    compare: z
      .record(z.string(), comparator)
      .optional()
      .describe(
        'With a schema: when values count as right in an evaluation, by path, e.g. items[].sku: exact. The model never sees it.',
      ),
    evidence: z
      .enum(EVIDENCE_KINDS)
      .optional()
      .describe(
        'boxes: each value comes with the place in the picture where it was read; about 40 output tokens a value.',
      ),
    maxSide: z
      .int()
      .optional()
      .describe('Long side of the prepared picture in pixels: 64 to 3072; 2048 unless said otherwise.'),
    preparation: z
      .enum(PREPARATIONS)
      .optional()
      .describe('faithful unless said otherwise; fast takes less CPU and loses small print.'),
    maxBytes: z
      .int()
      .min(LEAST_MAX_BYTES)
      .optional()
      .describe('A larger prepared picture is encoded at a lower quality; 400,000 unless said otherwise.'),
    ladder: z
      .union([z.enum(Object.keys(LADDERS) as [LadderName, ...LadderName[]]), z.array(ladderStep).min(1)])
      .optional()
      .describe(
        'The models to ask, from cheap to dear, by name or as steps; standard unless said otherwise. Preview: decision asks gemini-decision-1 first, where every field is closed (enum, boolean); Gemini API only.',
      ),
    lane: z
      .enum(LANES)
      .optional()
      .describe(
        'How pictures are served and billed unless an upload says otherwise: standard; flex costs half and takes minutes; batch costs half and takes hours; priority goes before the others.',
      ),
    patience: z
      .string()
      .regex(PATIENCE_FORM, 'expected a time of at most a week such as 30s, 15m or 24h')
      .optional()
      .describe('How long an answer may take, e.g. 15m; without a lane the cheapest that fits is taken.'),
    gate: z
      .array(
        z.strictObject({
          ask: z.string().min(1).describe('A yes-or-no question, e.g. Does the picture show a receipt?'),
          holds: z
            .string()
            .optional()
            .describe('What yes means, where the question does not say; with fails.'),
          fails: z.string().optional().describe('What no means; with holds.'),
          refuse: z.string().optional().describe('What the uploader reads of a refused picture.'),
        }),
      )
      .min(1)
      .max(10)
      .optional()
      .describe(
        'Preview: asked first, for about a tenth of an answer; a picture that is surely a no is refused as NOT_SUITABLE. Gemini API only.',
      ),
    whenQuotaIsSpent: z
      .enum(['climb', 'wait'])
      .optional()
      .describe("What follows when a model's quota of the day is used up."),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Answers whose field confidence is lower climb to the next step; 0.5 unless said otherwise.'),
    checks: z.array(check).optional().describe('Rules that an answer must keep to be believed.'),
    reviewShare: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'Share of the answers that a person is asked to look at although nothing speaks against them.',
      ),
    similar: z
      .union([
        leastSimilarity,
        z.strictObject({
          least: leastSimilarity,
          alsoText: z
            .literal(true)
            .describe('Also where texts or codes are read: a copy with another number looks the same.'),
        }),
      ])
      .optional()
      .describe(
        'A picture that looks so much like one that was answered before, of the same uploader, takes over its answer; 0.98 finds copies that were saved again. Asked each time unless said otherwise.',
      ),
    cacheTtlHours: z
      .number()
      .min(0)
      .optional()
      .describe('How long an answer is reused for the same picture; 24 unless said otherwise.'),
    webhook: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('https address that is notified of each result.'),
  })
  .describe('A profile: what is asked of a picture, and what an answer looks like.');

/** Keys that are known at a path of the file, to name the one that was meant. */
export function keysAt([first, ...rest]: readonly PropertyKey[]): readonly string[] {
  switch (first) {
    case undefined:
      return Object.keys(profileFile.shape);
    case 'fields':
      return Object.keys(fieldRow.shape);
    case 'references':
      return ['file', 'caption'];
    case 'ladder':
      return Object.keys(ladderStep.shape);
    case 'checks':
      return ['check', 'field', 'min', 'max', 'whenBroken'];
    case 'similar':
      return ['least', 'alsoText'];
    default:
      return rest.length === 0 ? [] : keysAt(rest);
  }
}

export type ProfileFile = z.infer<typeof profileFile>;
