import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { Invariant } from '../../shared/base/config.ts';

export interface Options {
  /** Variables that the function knows, with what it expects of each. */
  variables: z.ZodRawShape;
  invariants: readonly Invariant<Record<string, unknown>>[];
}

/** What functions/<name>/options.ts exports: a shape `…Variables` and, where there are rules between them, `…Invariants`. */
export async function optionsOf(name: string): Promise<Options> {
  const file = join(process.cwd(), 'functions', name, 'options.ts');
  if (!existsSync(file)) return { variables: {}, invariants: [] };
  const exported = Object.entries((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const named = (ending: string) => exported.find(([key]) => key.endsWith(ending))?.[1];
  return {
    variables: (named('Variables') ?? {}) as z.ZodRawShape,
    invariants: (named('Invariants') ?? []) as Options['invariants'],
  };
}
