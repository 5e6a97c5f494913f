import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { ConfigError, type Invariant, loadConfig } from '../shared/base/config.ts';

export const PROJECT_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

export type Variables = Readonly<Record<string, string | undefined>>;

/** What a function expects of its environment. */
export interface OptionShapes {
  variables: z.ZodRawShape;
  invariants: readonly Invariant<Record<string, unknown>>[];
}

/** Read by Node, by the platform or by Google's client libraries, not by our code. */
const OF_THE_PLATFORM = [
  'GOOGLE_CLOUD_PROJECT',
  'LOG_EXECUTION_ID',
  'MALLOC_ARENA_MAX',
  'NODE_ENV',
  'NODE_OPTIONS',
];

/** Every function with what it expects: `…Variables` and `…Invariants` of functions/<name>/options.ts. */
export async function allOptionShapes(): Promise<ReadonlyMap<string, OptionShapes>> {
  const folder = join(PROJECT_ROOT, 'functions');
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'options.ts')));
  return new Map(
    await Promise.all(
      names.sort().map(async (name) => [name, await optionShapes(join(folder, name))] as const),
    ),
  );
}

async function optionShapes(folder: string): Promise<OptionShapes> {
  const module = (await import(pathToFileURL(join(folder, 'options.ts')).href)) as Record<string, unknown>;
  const named = (ending: string) => Object.entries(module).find(([key]) => key.endsWith(ending))?.[1];
  return {
    variables: (named('Variables') ?? {}) as z.ZodRawShape,
    invariants: (named('Invariants') ?? []) as OptionShapes['invariants'],
  };
}

/** Every variable that the function would refuse at its start, as a sentence each; never the values. */
export function refusedVariables(
  { variables, invariants }: OptionShapes,
  given: Variables,
): readonly string[] {
  try {
    loadConfig(variables, given, invariants);
    return [];
  } catch (failure) {
    if (failure instanceof ConfigError) return failure.problems;
    throw failure;
  }
}

/** Variables that nobody reads: mostly a misspelled name. */
export const unknownVariables = (shapes: readonly OptionShapes[], given: Variables): string[] =>
  Object.keys(given).filter(
    (name) => !OF_THE_PLATFORM.includes(name) && !shapes.some(({ variables }) => name in variables),
  );

/** What a variable is when nobody sets it, as it would be written; undefined when it has to be set or may be absent. */
export function defaultOf(schema: z.ZodRawShape[string]): string | undefined {
  const definition = (schema as z.ZodType).def as { type: string; defaultValue?: unknown; in?: z.ZodType };
  if (definition.type === 'default') return String(definition.defaultValue);
  return definition.type === 'pipe' && definition.in ? defaultOf(definition.in) : undefined;
}
