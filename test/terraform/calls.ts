import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { PubSub } from '../../shared/cloud/pubsub.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';

export type Service = 'buckets' | 'pubsub' | 'documents';

const CLASSES = { buckets: Buckets, pubsub: PubSub, documents: Documents };

/** What `buckets.find(…)`, `this.#documents.get(…)` and the like are written as, over line breaks too. */
const CALL = /\b#?(buckets|pubsub|documents)\s*\.(\w+)\(/g;

/** Imports that are there when the code runs; those of types are not. */
const IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

/** Every file that a function may run, from its entry point on. */
function filesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, first, second] of readFileSync(file, 'utf8').matchAll(IMPORT))
    filesOf(posix.join(posix.dirname(file), first ?? second ?? ''), seen);
  return seen;
}

/** The calls of Cloud Storage, Pub/Sub and Firestore in the code of a function, as `buckets.find`. */
export function callsOf(name: string): Set<string> {
  const calls = new Set<string>();
  for (const file of filesOf(`functions/${name}/index.ts`))
    for (const [, service, method] of readFileSync(file, 'utf8').matchAll(CALL))
      if (isMethod(service as Service, method ?? '')) calls.add(`${service}.${method}`);
  return calls;
}

const isMethod = (service: Service, method: string): boolean =>
  Object.hasOwn(CLASSES[service].prototype, method);
