import type { ResponseSchema } from './response-schema.ts';
import { type SchemaProblem, type Shape, walkShape } from './shape.ts';

/** Above about 960 the API answers a bare 400 (2026-11); many lists near it are the first to meet the next change. */
const MAX_ITEMS_TOGETHER = 900;
const MANY_ITEMS_TOGETHER = 600;
/** Firestore holds 20 levels below a document, and the answer is one of them already. */
const MAX_LEVELS = 18;
/** "May reject deeply nested schemas": no number is published, and nobody reads an answer as deep as this. */
const MANY_LEVELS = 6;
/** Rows of a batch on Vertex are imported with at most 15 levels; the request around the schema has three. */
const MAX_BATCH_LEVELS = 15;
const LEVELS_AROUND_A_SCHEMA = 3;
/** "Too many states for serving": long names, long enums and bounded numbers in bounded lists, in no published sum. */
const LONG_NAME = 40;
const LONG_ENUM = 100;
const MANY_NUMBER_BOUNDS = 30;

/** What is refused by the API or by Firestore, and what may be one day. */
export function limitProblems(
  shape: Shape,
  responseSchema: ResponseSchema,
): { problems: SchemaProblem[]; warnings: SchemaProblem[] } {
  const problems: SchemaProblem[] = [];
  const warnings: SchemaProblem[] = [];
  const { items, bounds } = countIn(shape, warnings);
  const spare = { path: '', instead: 'ask for fewer, or in two profiles' };
  if (items > MAX_ITEMS_TOGETHER)
    problems.push({
      ...spare,
      reason: `its lists may hold ${items} items together, at most ${MAX_ITEMS_TOGETHER} work`,
    });
  else if (items > MANY_ITEMS_TOGETHER)
    warnings.push({
      ...spare,
      reason: `its lists may hold ${items} items together; above ${MAX_ITEMS_TOGETHER} the API refuses every picture`,
    });
  if (bounds > MANY_NUMBER_BOUNDS)
    warnings.push({
      path: '',
      reason: `${bounds} numbers have bounds, and the API may find the schema too complex`,
      instead: 'leave bounds out where a check can hold them',
    });
  const levels = levelsOf(shape);
  const flatter = { path: '', instead: 'put inner fields next to the outer ones' };
  if (levels > MAX_LEVELS)
    problems.push({
      ...flatter,
      reason: `it has ${levels} levels, and Firestore holds at most ${MAX_LEVELS}`,
    });
  else if (levels > MANY_LEVELS)
    warnings.push({ ...flatter, reason: `it has ${levels} levels, and the API may refuse deep schemas` });
  if (jsonLevels(responseSchema) + LEVELS_AROUND_A_SCHEMA > MAX_BATCH_LEVELS)
    warnings.push({ ...flatter, reason: 'its schema is nested too deeply for batches on Vertex AI' });
  return { problems, warnings };
}

function countIn(shape: Shape, warnings: SchemaProblem[]): { items: number; bounds: number } {
  let items = 0;
  let bounds = 0;
  walkShape(shape, (node, path) => {
    if (node.kind === 'list') items += node.maxItems ?? 0;
    if ((node.kind === 'number' || node.kind === 'integer') && hasBounds(node)) bounds += 1;
    if (node.kind === 'choice' && node.values.length > LONG_ENUM)
      warnings.push({
        path,
        reason: `it has ${node.values.length} values, and the API may find the schema too complex`,
        instead: 'ask for a text and look it up afterward',
      });
    if (node.kind !== 'object') return;
    for (const { name } of node.fields.filter((field) => field.name.length > LONG_NAME))
      warnings.push({
        path: path === '' ? name : `${path}.${name}`,
        reason: 'its name is long, and the API may find the schema too complex',
        instead: 'shorten it, and say the rest in its description',
      });
  });
  return { items, bounds };
}

const hasBounds = ({ minimum, maximum }: Shape & { kind: 'number' | 'integer' }): boolean =>
  minimum !== undefined || maximum !== undefined;

/** Lists and objects inside each other, the answer itself included. */
function levelsOf(shape: Shape): number {
  const inside =
    shape.kind === 'object'
      ? shape.fields.map((field) => levelsOf(field.shape))
      : shape.kind === 'list'
        ? [levelsOf(shape.items)]
        : undefined;
  if (inside) return 1 + Math.max(0, ...inside);
  return shape.kind === 'union' ? Math.max(0, ...shape.options.map(levelsOf)) : 0;
}

const jsonLevels = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(jsonLevels)) : 0;
