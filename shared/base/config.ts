import { z } from 'zod';

/** Every bad variable of one start-up, by name, with what was expected. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** A rule between settings: returns the sentence that says what is wrong, or undefined. */
export type Invariant<C> = (config: C) => string | undefined;

/**
 * Reads the variables that `shape` names from `env`, once per instance. An empty variable counts as not set.
 * Throws a ConfigError that lists all problems together; the values themselves are never repeated (they may be secrets).
 */
export function loadConfig<S extends z.ZodRawShape>(
  shape: S,
  env: Readonly<Record<string, string | undefined>>,
  invariants: readonly Invariant<z.infer<z.ZodObject<S>>>[] = [],
): z.infer<z.ZodObject<S>> {
  const given = Object.fromEntries(
    Object.keys(shape)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  );
  const parsed = z.object(shape).safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) =>
        issue.path[0] !== undefined && !(String(issue.path[0]) in given)
          ? `${issue.path.join('.')} is not set: ${issue.message}`
          : `${issue.path.join('.')}: ${issue.message}`,
      ),
    );
  }
  const broken = invariants
    .map((invariant) => invariant(parsed.data))
    .filter((sentence) => sentence !== undefined);
  if (broken.length > 0) throw new ConfigError(broken);
  return parsed.data;
}

/** A whole number in a variable. `unit` appears in the error, e.g. "milliseconds". */
export const integer = (unit: string, range: { min: number; max: number; default: number }) =>
  z
    .string()
    .regex(/^-?\d+$/, `expected a whole number of ${unit}`)
    .transform(Number)
    .pipe(
      z
        .number()
        .min(range.min, `expected at least ${range.min} ${unit}`)
        .max(range.max, `expected at most ${range.max} ${unit}`),
    )
    .default(range.default);

/** A required piece of text; `meaning` says what is expected. */
export const text = (meaning: string) =>
  z.string({ error: `expected ${meaning}` }).min(1, `expected ${meaning}`);

/** `true` or `false`. */
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((value) => value === 'true')
    .default(fallback);
