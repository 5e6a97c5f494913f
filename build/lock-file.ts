import { z } from 'zod';

const dependencies = z.record(z.string(), z.string()).optional();

const lockedPackage = z.looseObject({
  version: z.string().optional(),
  dependencies,
  optionalDependencies: dependencies,
  peerDependencies: dependencies,
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean().optional() })).optional(),
});

export const lockFile = z.looseObject({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), lockedPackage),
});

type LockedPackage = z.infer<typeof lockedPackage>;
export type LockFile = z.infer<typeof lockFile>;

/** Of one installation: where it came from and how it was reached belong to the tree it was cut out of. */
const OF_THE_WHOLE_TREE = ['resolved', 'dev', 'optional', 'devOptional', 'peer'];

interface Manifest {
  name: string;
  version: string;
  dependencies: Readonly<Record<string, string>>;
}

/** The exact version of a direct dependency. */
export function versionOf(lock: LockFile, name: string): string {
  const version = lock.packages[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json holds no ${name}: run npm install.`);
  return version;
}

/**
 * Cuts the lock file of one deployable out of the project's: its dependencies, theirs, and the optional packages of every
 * platform (npm installs the one that fits). Names no registry, so each machine uses the one it is configured for.
 */
export function cutLockFile(lock: LockFile, manifest: Manifest): LockFile {
  const direct = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
  const needed = reach(lock, direct, requiredOf);
  const all = reach(lock, direct, (found) => [
    ...requiredOf(found),
    ...Object.keys(found.optionalDependencies ?? {}),
  ]);
  const packages = [...all].sort().map((path) => {
    const kept = Object.entries(lock.packages[path] ?? {}).filter(
      ([key]) => !OF_THE_WHOLE_TREE.includes(key),
    );
    return [path, { ...Object.fromEntries(kept), ...(needed.has(path) ? {} : { optional: true }) }] as const;
  });
  return {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { ...manifest }, ...Object.fromEntries(packages) },
  };
}

function requiredOf({ dependencies = {}, optionalDependencies = {}, ...peer }: LockedPackage): string[] {
  const peers = Object.keys(peer.peerDependencies ?? {}).filter(
    (name) => peer.peerDependenciesMeta?.[name]?.optional !== true,
  );
  return [...Object.keys(dependencies).filter((name) => !(name in optionalDependencies)), ...peers];
}

function reach(
  lock: LockFile,
  start: readonly string[],
  namesOf: (found: LockedPackage) => string[],
): Set<string> {
  const reached = new Set<string>();
  const open = [...start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const found = lock.packages[path];
    if (reached.has(path) || !found) continue;
    reached.add(path);
    for (const name of namesOf(found)) open.push(resolveFrom(lock, path, name));
  }
  return reached;
}

/** Where Node finds `name` from the package at `path`: in its own node_modules, else in those of the folders above. */
function resolveFrom(lock: LockFile, path: string, name: string): string {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (candidate in lock.packages || at === '') return candidate;
  }
}
