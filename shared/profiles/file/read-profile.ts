import { agreeing, type Check, distinct, gtinCheckDigits, printedCodes, within } from '../checks.ts';
import { decisionProblems } from '../closed-form.ts';
import { DECISION_MODEL, decidesFirst, decisionStep } from '../decision-step.ts';
import { defineProfile, type LadderStep, type Profile, profileProblems } from '../define.ts';
import { compileJsonSchema } from '../schema/compile.ts';
import { problemText, type SchemaProblem, walkShape } from '../schema/shape.ts';
import { LADDERS, STANDARD_LADDER } from '../standard-ladder.ts';
import { contentDigest, questionDigest } from './content-digest.ts';
import { comparatorProblems, comparatorsOf } from './field-comparators.ts';
import { schemaOfRows } from './field-rows.ts';
import { problemsOfIssues } from './file-problems.ts';
import { nearName } from './near-name.ts';
import { type CheckRow, type ProfileFile, profileFile } from './profile-file.ts';
import { type FileProblem, type ReadText, readYaml, type YamlParser } from './strict-yaml.ts';

/** A profile as its file says it, or everything that is wrong with the file. */
export type ReadProfile =
  | { profile: Profile; content: ProfileFile; digest: string; warnings: readonly FileProblem[] }
  | { problems: readonly FileProblem[] };

/** Reads the text of `profiles/<name>.yaml` or `.json`; `parser` where the package yaml is not to be found. */
export function readProfileText(name: string, text: string, parser?: YamlParser): ReadProfile {
  const read = readYaml(text, parser);
  return read.problems.length > 0 ? { problems: read.problems } : readProfileValue(name, read.value, read);
}

const NO_PLACES: Pick<ReadText, 'placeOf'> = { placeOf: () => undefined };

/** The same of a file that was parsed already; `places` says where in the text something stands. */
export function readProfileValue(name: string, value: unknown, places = NO_PLACES): ReadProfile {
  const parsed = profileFile.safeParse(value, { reportInput: true });
  if (!parsed.success) return { problems: problemsOfIssues(parsed.error.issues, places) };
  const file = parsed.data;
  const problems: FileProblem[] = [];
  const say = (path: readonly PropertyKey[], sentence: string): void => {
    problems.push({ ...places.placeOf(path), text: sentence });
  };
  if (file.name !== undefined && file.name !== name)
    say(['name'], `the profile is called ${name} after its file; rename the file, or leave name out`);
  if (typeof file.ladder === 'object')
    for (const [i, step] of file.ladder.entries())
      for (const sentence of stepProblems(step)) say(['ladder', i], `ladder.${i} ${sentence}`);
  const compiled = formOf(file, say);
  const place = (problem: SchemaProblem): FileProblem => ({
    ...places.placeOf(file.fields ? rowPath(problem.path) : ['schema']),
    text: problemText(problem),
  });
  problems.push(...compiled.problems.map(place));
  if (problems.length > 0) return { problems };
  checkFields(file.checks ?? [], compiled, say);
  for (const { path, text } of comparatorProblems(file.compare ?? {}, compiled.shape))
    say(['compare', path], text);
  const profile = profileOf(name, file, compiled);
  const ofLadder = decisionProblems(profile);
  for (const problem of profileProblems(profile)) say(ofLadder.includes(problem) ? ['ladder'] : [], problem);
  if (problems.length > 0) return { problems };
  return {
    profile: defineProfile(profile),
    content: file,
    digest: contentDigest(file),
    warnings: compiled.warnings.map(place),
  };
}

type StepRow = Exclude<ProfileFile['ladder'], string | undefined>[number];

/** What the form of the file cannot say of a step. */
function stepProblems({ model, models, thinkingLevel, maxOutputTokens }: StepRow): string[] {
  if (model === undefined && models === undefined) return ['needs a model'];
  const said = Object.entries({ thinkingLevel, maxOutputTokens });
  if (model !== DECISION_MODEL && !models?.includes(DECISION_MODEL))
    return said.filter(([, value]) => value === undefined).map(([key]) => `needs ${key}`);
  return said
    .filter(([, value]) => value !== undefined)
    .map(([key]) => `has ${key}, but ${DECISION_MODEL} neither thinks nor writes; leave it out`);
}

type Form = ReturnType<typeof compileJsonSchema>;
type Say = (path: readonly PropertyKey[], sentence: string) => void;

const EMPTY_FORM = { type: 'object', properties: { nothing: { type: 'boolean' } } };

function formOf({ fields, schema, compare }: ProfileFile, say: Say): Form {
  if (fields && schema) say(['schema'], 'fields and schema say different things; keep one of them');
  if (fields && compare) say(['compare'], 'compare goes with schema; each of fields says its own compare');
  if (!fields && !schema) say([], 'fields is missing: what an answer holds');
  if (!fields) return compileJsonSchema(schema ?? EMPTY_FORM);
  const rows = schemaOfRows(fields);
  for (const { path, text } of rows.problems) say(path, `${path.join('.')}: ${text}`);
  return compileJsonSchema(rows.problems.length > 0 ? EMPTY_FORM : rows.schema);
}

/** Where in the file the field at `items[].sku` is described. */
const rowPath = (path: string): string[] => [
  'fields',
  ...path
    .split('.')
    .filter((part) => part !== '')
    .flatMap((part, i) => [
      ...(i === 0 ? [] : ['fields']),
      part.replace('[]', ''),
      ...(part.endsWith('[]') ? ['listOf'] : []),
    ]),
];

/** A check of a field that is not there would always pass. */
function checkFields(checks: readonly CheckRow[], { shape }: Form, say: Say): void {
  const paths = new Set<string>();
  walkShape(shape, (_, path) => paths.add(path));
  for (const [i, { check, field }] of checks.entries()) {
    if (paths.has(field)) continue;
    const meant = nearName(field, [...paths]);
    const instead =
      meant === undefined ? `there are ${[...paths].filter(Boolean).join(', ')}` : `did you mean ${meant}?`;
    say(['checks', i, 'field'], `the check ${check} looks at ${field}, which is no field; ${instead}`);
  }
}

const DEFAULT_MAX_SIDE = 2048;
const DEFAULT_MIN_CONFIDENCE = 0.5;
const DEFAULT_CACHE_HOURS = 24;

function profileOf(name: string, file: ProfileFile, { schema }: Form): Profile {
  const {
    prompt,
    guide,
    references,
    evidence,
    maxSide,
    preparation,
    maxBytes,
    lane,
    patience,
    gate,
    whenQuotaIsSpent,
    cacheTtlHours,
    webhook,
  } = file;
  const ladder = ladderOf(file.ladder);
  const isSure = Object.hasOwn(schema.shape, 'confidence') || decidesFirst({ ladder });
  const comparators = file.compare ?? comparatorsOf(file.fields ?? {});
  return {
    name,
    version: file.version ?? 1,
    ...(file.version === undefined ? { digest: questionDigest(file) } : {}),
    prompt,
    ...(guide === undefined ? {} : { guide }),
    ...(references === undefined ? {} : { references }),
    schema,
    ...(evidence === undefined ? {} : { evidence }),
    maxSide: maxSide ?? DEFAULT_MAX_SIDE,
    ...(preparation === undefined ? {} : { preparation }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ladder,
    ...(lane === undefined ? {} : { lane }),
    ...(patience === undefined ? {} : { patience }),
    ...(gate === undefined ? {} : { gate: gate.map(withoutUnsaid) }),
    ...(whenQuotaIsSpent === undefined ? {} : { whenQuotaIsSpent }),
    minConfidence: file.minConfidence ?? (isSure ? DEFAULT_MIN_CONFIDENCE : 0),
    ...(file.checks === undefined ? {} : { checks: file.checks.map(checkOf) }),
    ...(file.reviewShare === undefined ? {} : { reviewShare: file.reviewShare }),
    ...(file.similar === undefined ? {} : { similar: file.similar }),
    cacheTtlHours: cacheTtlHours ?? DEFAULT_CACHE_HOURS,
    ...(Object.keys(comparators).length === 0 ? {} : { comparators }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

/** Keys that are not there, as the types of profiles have them. */
const withoutUnsaid = <T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(row).filter(([, said]) => said !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function ladderOf(ladder: ProfileFile['ladder']): Profile['ladder'] {
  if (ladder === undefined) return STANDARD_LADDER;
  if (typeof ladder === 'string') return LADDERS[ladder];
  const steps = ladder.map(({ model, models = [], mediaResolution, ...step }): LadderStep => {
    const [first = model ?? '', ...others] = model === undefined ? models : [model, ...models];
    return { ...decisionStep(mediaResolution), ...withoutUnsaid(step), models: [first, ...others] };
  });
  const [first = STANDARD_LADDER[0], ...others] = steps;
  return [first, ...others];
}

function checkOf(row: CheckRow): Check {
  const check = ruleOf(row);
  return row.whenBroken === 'report' ? { ...check, reportsOnly: true } : check;
}

function ruleOf(row: CheckRow): Check {
  switch (row.check) {
    case 'gtin-check-digit':
      return gtinCheckDigits(row.field);
    case 'distinct':
      return distinct(row.field);
    case 'agreeing':
      return agreeing(row.field);
    case 'printed-codes':
      return printedCodes(row.field);
    case 'within':
      return within(row.field, row.min, row.max);
  }
}
