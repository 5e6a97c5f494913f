import { readFileSync } from 'node:fs';

/** Read by Node, by the platform or by Google's client libraries, not by our code. */
export const PLATFORM_VARIABLES = [
  'GOOGLE_CLOUD_PROJECT',
  'LOG_EXECUTION_ID',
  'MALLOC_ARENA_MAX',
  'NODE_ENV',
  'NODE_OPTIONS',
];

/** Set by Cloud Run itself. */
export const GIVEN_VARIABLES = ['K_SERVICE', 'PORT'];

/**
 * The variables that terraform/modules/pipeline/environment.tf gives each function, read from its text: blocks `environment_<name> = { … }`
 * of `VARIABLE = value` lines, and for each function the blocks that it merges; and from terraform/modules/pipeline/secrets.tf, whose
 * secrets name the variable that holds them.
 */
export function environmentOfTerraform(): Map<string, Set<string>> {
  const text = readFileSync('terraform/modules/pipeline/environment.tf', 'utf8');
  const blocks = new Map(
    [...text.matchAll(/^ {2}(environment_\w+) = \{\n([\s\S]*?)^ {2}\}/gm)].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(/^ +([A-Z][A-Z0-9_]*) +=/gm)].map(([, variable = '']) => variable),
    ]),
  );
  const functions = new Map<string, Set<string>>();
  for (const [, name = '', merged = ''] of text.matchAll(/^ {4}"([a-z-]+)" *= merge\(([\s\S]*?)\n? *\)$/gm)) {
    const used = [...merged.matchAll(/local\.(environment_\w+)/g)].flatMap(
      ([, block = '']) => blocks.get(block) ?? [],
    );
    functions.set(name, new Set(used));
  }
  const secrets = readFileSync('terraform/modules/pipeline/secrets.tf', 'utf8');
  for (const [, holders = ''] of secrets.matchAll(/holders += \{ (.*) \}/g))
    for (const [, name = '', variable = ''] of holders.matchAll(/"([a-z-]+)" += "([A-Z0-9_]+)"/g))
      functions.get(name)?.add(variable);
  return functions;
}
