import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILT_FILE, builtProfiles, PROFILES_FOLDER } from '../shared/profiles/folder.ts';
import { REFERENCES_FOLDER } from '../shared/profiles/references.ts';
import { bundle } from './bundle.ts';
import { LICENSES_FILE, thirdPartyLicenses } from './licenses.ts';
import { cutLockFile, lockFile, versionOf } from './lock-file.ts';
import { buildWeb } from './web.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const START = fileURLToPath(new URL('start.mjs', import.meta.url));
const FRAMEWORK = '@google-cloud/functions-framework';

/** Functions that serve the page; it lies in the folder `web` of their deployable. */
const SERVES_THE_PAGE = ['api'];

/** Whatever is bundled with this sends the profiles' reference pictures. */
const SENDS_REFERENCES = 'shared/model/prompt.ts';
/** Whatever is bundled with this reads the profiles. */
const READS_PROFILES = 'shared/profiles/folder.ts';

interface Deployable {
  name: string;
  /** The folder that is zipped and deployed. */
  folder: string;
  /** Bytes of the bundle without its source map. */
  bundleBytes: number;
}

/**
 * Builds `dist/<name>`: the bundle, its source map, the start file, package.json and lock file, licenses. The same sources
 * and lock file give the same bytes.
 */
export async function buildDeployable(name: string, dist: string): Promise<Deployable> {
  const folder = join(dist, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { packages, sources } = await bundle(name, folder);
  await writeManifest(name, folder, packages);
  if (sources.includes(READS_PROFILES)) await writeProfiles(folder);
  if (sources.includes(SENDS_REFERENCES)) await copyReferences(REFERENCES_FOLDER, folder);
  await writeFile(join(folder, LICENSES_FILE), await thirdPartyLicenses(sources));
  for (const file of ['LICENSE', 'NOTICE']) await cp(join(root, file), join(folder, file));
  await cp(START, join(folder, 'start.mjs'));
  // The platform would start the framework's command line, which loads the framework a second time, unbundled.
  await writeFile(join(folder, 'Procfile'), 'web: NODE_OPTIONS= node start.mjs\n');
  if (SERVES_THE_PAGE.includes(name)) await buildWeb(join(folder, 'web'));
  return { name, folder, bundleBytes: (await stat(join(folder, 'index.mjs'))).size };
}

/** Beside the bundle, as one file: the functions carry no parser of YAML. */
async function writeProfiles(folder: string): Promise<void> {
  const profiles = join(folder, basename(PROFILES_FOLDER));
  await mkdir(profiles, { recursive: true });
  await writeFile(join(profiles, BUILT_FILE), builtProfiles(PROFILES_FOLDER));
}

/** Beside the profiles of the bundle; nothing when there is no folder. */
export async function copyReferences(from: string, folder: string): Promise<void> {
  if (!existsSync(from)) return;
  await cp(from, join(folder, basename(PROFILES_FOLDER), basename(from)), { recursive: true });
}

async function writeManifest(name: string, folder: string, native: readonly string[]): Promise<void> {
  const lock = lockFile.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    main: 'index.mjs',
    engines: { node: '24.x' },
    scripts: { start: 'node start.mjs', 'gcp-build': 'node start.mjs --warm' },
    dependencies: Object.fromEntries([FRAMEWORK, ...native].map((one) => [one, versionOf(lock, one)])),
  };
  const { version, dependencies, engines } = manifest;
  await writeJson(join(folder, 'package.json'), manifest);
  await writeJson(
    join(folder, 'package-lock.json'),
    cutLockFile(lock, { name, version, dependencies, ...{ engines } }),
  );
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
