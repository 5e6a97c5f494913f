import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ALARMING_CODES } from '../shared/base/errors/codes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
export const CODE_JSON = join(root, 'terraform', 'modules', 'pipeline', 'code.json');

/** A query without its values, as the `queries.ts` files of shared/ list them. */
interface QueryShape {
  collection: string;
  where: readonly { field: string; op: string }[];
  orderBy: readonly { field: string; direction: 'asc' | 'desc' }[];
}

interface IndexField {
  fieldPath: string;
  order: 'ASCENDING' | 'DESCENDING';
}

/** As Terraform's `google_firestore_index` declares it; `__name__` at the end may be left out. */
interface CompositeIndex {
  collectionGroup: string;
  queryScope: 'COLLECTION' | 'COLLECTION_GROUP';
  fields: IndexField[];
}

/** What Terraform has to know of the code. */
interface CodeData {
  /** Ways to reach Gemini that analyze-image knows. */
  geminiBackends: string[];
  indexes: CompositeIndex[];
  /** Codes whose share among pictures an alert watches. */
  alarmingFailures: readonly string[];
}

const EQUALITIES = ['==', 'in', 'array-contains-any'];

const ascending = (fieldPath: string): IndexField => ({ fieldPath, order: 'ASCENDING' });

/**
 * The composite index that answers a query alone: its equalities, then its order. Undefined where Firestore's automatic
 * single-field indexes do, or merge (https://firebase.google.com/docs/firestore/query-data/index-overview).
 */
function indexFor(query: QueryShape): CompositeIndex | undefined {
  const isEquality = ({ op }: { op: string }) => EQUALITIES.includes(op);
  const equalities = [...new Set(query.where.filter(isEquality).map(({ field }) => field))].sort();
  const ranges = query.where.filter((filter) => !isEquality(filter)).map(({ field }) => field);
  const ordered = query.orderBy
    .filter(({ field }) => field !== '__name__' && !equalities.includes(field))
    .map(
      ({ field, direction }): IndexField => ({
        fieldPath: field,
        order: direction === 'desc' ? 'DESCENDING' : 'ASCENDING',
      }),
    );
  // A range without an order of its own sorts by its field first.
  const implied = ranges
    .filter((field) => !ordered.some(({ fieldPath }) => fieldPath === field))
    .map(ascending);
  const sorted = [...new Map([...implied, ...ordered].map((one) => [one.fieldPath, one])).values()];
  if (sorted.length === 0 || (equalities.length === 0 && sorted.length === 1)) return undefined;
  return {
    collectionGroup: query.collection,
    queryScope: 'COLLECTION',
    fields: [...equalities.map(ascending), ...sorted],
  };
}

/** The indexes of all queries, each once, in a stable order. */
export function indexesFor(queries: readonly QueryShape[]): CompositeIndex[] {
  const byText = new Map(
    queries.flatMap((query) => {
      const index = indexFor(query);
      return index ? [[JSON.stringify(index), index] as const] : [];
    }),
  );
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, index]) => index);
}

/** Every query that a file `shared/<folder>/queries.ts` exports. */
async function queriesOfTheCode(): Promise<QueryShape[]> {
  const files = (await readdir(join(root, 'shared'), { recursive: true })).filter((file) =>
    file.endsWith('queries.ts'),
  );
  const modules = await Promise.all(
    files.sort().map((file) => import(pathToFileURL(join(root, 'shared', file)).href) as Promise<object>),
  );
  return modules
    .flatMap((module) => Object.values(module))
    .flatMap((exported: unknown) => (typeof exported === 'object' && exported ? Object.values(exported) : []))
    .filter(isQueryShape);
}

const isQueryShape = (value: unknown): value is QueryShape =>
  typeof value === 'object' &&
  value !== null &&
  'collection' in value &&
  'where' in value &&
  'orderBy' in value;

export async function codeData(): Promise<CodeData> {
  const { analyzeVariables } = await import('../functions/analyze-image/options.ts');
  return {
    geminiBackends: ['developer', ...('GEMINI_BACKEND' in analyzeVariables ? ['vertex'] : [])],
    indexes: indexesFor(await queriesOfTheCode()),
    alarmingFailures: ALARMING_CODES,
  };
}

export const asText = (data: CodeData): string => `${JSON.stringify(data, undefined, 2)}\n`;

if (import.meta.main) {
  const text = asText(await codeData());
  const before = await readFile(CODE_JSON, 'utf8').catch(() => '');
  await writeFile(CODE_JSON, text);
  console.log(`${CODE_JSON} ${before === text ? 'is as the code says' : 'was rewritten'}.`);
}
