import { defaultOf, type OptionShapes, refusedVariables, type Variables } from '../../build/option-shapes.ts';
import { meantBy } from './look-alikes.ts';

/** What the local cloud decides itself: its own addresses and names, and who answers (`readSettings` reads that). */
const DECIDED_HERE = [
  'GOOGLE_CLOUD_PROJECT',
  'FIRESTORE_DATABASE',
  'UPLOADS_BUCKET',
  'PREPARED_BUCKET',
  'UPLOADS_TOPIC',
  'PREPARED_TOPIC',
  'WEBHOOKS_TOPIC',
  'WEBHOOK_LOOPBACK',
  'STORAGE_EMULATOR_HOST',
  'PUBSUB_EMULATOR_HOST',
  'GEMINI_API_KEY',
  'GEMINI_BASE_URL',
  'FALLBACK',
  'FALLBACK_URL',
  'FALLBACK_API_KEY',
  'WEB_DIR',
  'ANSWERED_BY',
  'K_SERVICE',
];

/** Of these, a shell has some for other programs, and `readSettings` reads the others: nobody has to be told. */
const NOT_MISSED = [
  'GOOGLE_CLOUD_PROJECT',
  'STORAGE_EMULATOR_HOST',
  'PUBSUB_EMULATOR_HOST',
  'GEMINI_API_KEY',
  'FALLBACK',
  'K_SERVICE',
];

/** Stand for what the local cloud sets, where rules between variables ask for it. */
const STAND_INS: Variables = {
  GOOGLE_CLOUD_PROJECT: 'local',
  UPLOADS_BUCKET: 'uploads',
  PREPARED_BUCKET: 'prepared',
  GEMINI_API_KEY: 'key',
  FALLBACK_URL: 'http://127.0.0.1',
  WEBHOOK_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}`,
};

const SECRET = /KEY|SECRET|PASSWORD/;

/** A variable that a person set to something else than its default. */
export interface ChangedSetting {
  name: string;
  /** As it was set; undefined for a secret. */
  value: string | undefined;
  /** The default; undefined when there is none. */
  usual: string | undefined;
}

export interface GivenVariables {
  /** By function: exactly the variables that it knows and that a person set. */
  functionEnv: Record<string, Record<string, string>>;
  changed: ChangedSetting[];
  /** Set, but decided by the local cloud. */
  ignored: string[];
}

/**
 * The variables of this environment that the functions know.
 * @throws Error with a sentence for each variable that a function would refuse, and for each name that is nearly one of
 *   ours: a budget under a wrong name would be no budget
 */
export function givenVariables(env: Variables, shapes: ReadonlyMap<string, OptionShapes>): GivenVariables {
  const known = [...new Set([...shapes.values()].flatMap(({ variables }) => Object.keys(variables)))];
  const ours = known.filter((name) => !DECIDED_HERE.includes(name));
  const given = Object.fromEntries(ours.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const problems = [
    ...misnamed(env, known, ours),
    ...outOfReach(given),
    ...[...shapes.values()].flatMap((shape) =>
      refusedVariables(shape, { ...STAND_INS, FALLBACK: env['FALLBACK'], ...given }),
    ),
  ];
  if (problems.length > 0) throw new Error(refusal([...new Set(problems)]));
  return {
    functionEnv: Object.fromEntries(
      [...shapes].map(([name, { variables }]) => [
        name,
        Object.fromEntries(Object.entries(given).filter(([variable]) => variable in variables)),
      ]),
    ),
    changed: changedOf(given, [...shapes.values()]),
    ignored: DECIDED_HERE.filter((name) => env[name] && !NOT_MISSED.includes(name)),
  };
}

/** GOOGLE_PROJECT and its like are other programs' names: only what a person may set here is suggested. */
const misnamed = (env: Variables, known: readonly string[], ours: readonly string[]): string[] =>
  Object.keys(env)
    .filter((name) => env[name] && !known.includes(name))
    .flatMap((name) => {
      const meant = meantBy(name, [...ours, 'GEMINI_API_KEY', 'FALLBACK']);
      return meant === undefined
        ? []
        : [`Nothing reads ${name}; ${meant} may be meant. If not: unset ${name}`];
    });

/** The credentials of this machine are made up: no Google service would take them. */
const outOfReach = (given: Variables): string[] =>
  (given['GEMINI_BACKEND'] === 'vertex' || given['VERTEX_FAILOVER'] === 'true') && !given['VERTEX_BASE_URL']
    ? ['Vertex AI takes the credentials of a deployment; here Gemini is asked with GEMINI_API_KEY.']
    : [];

function changedOf(
  given: Record<string, string | undefined>,
  shapes: readonly OptionShapes[],
): ChangedSetting[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const schema = shapes.map(({ variables }) => variables[name]).find((one) => one !== undefined);
    const usual = schema && defaultOf(schema);
    if (value === undefined || value === usual) return [];
    return [{ name, value: SECRET.test(name) ? undefined : value, usual }];
  });
}

const refusal = (problems: readonly string[]): string =>
  [
    'These variables, set in this shell or in .env, cannot be used:',
    ...problems.map((problem) => `  - ${problem}`),
    'docs/settings.md has every variable, with its default.',
  ].join('\n');
