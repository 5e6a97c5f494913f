import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';

export interface Import {
  /** Path of the importing file from the project's root, with `/`. */
  from: string;
  /** Path of the imported file, or the name of a package. */
  to: string;
}

const TOP_FOLDERS = [
  'functions',
  'shared',
  'local',
  'web',
  'client',
  'cli',
  'evaluation',
  'bench',
  'build',
  'test',
];

/** Every import between the project's own files and of packages, type imports included. */
export async function readImports(root: string): Promise<Import[]> {
  const imports: Import[] = [];
  for (const folder of TOP_FOLDERS) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    // A folder may be named like a file: cli/main.ts.
    for (const entry of entries.filter((one) => one.isFile() && /\.tsx?$/.test(one.name))) {
      const from = relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
      imports.push(...importsOf(from, await readFile(join(root, from), 'utf8')));
    }
  }
  return imports;
}

const SPECIFIER =
  /^\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^\s*import\s+'([^']+)'/gm;

/** The imports in one file's text. */
export function importsOf(from: string, text: string): Import[] {
  return [...text.matchAll(SPECIFIER)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return { from, to: specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier };
  });
}

/** What a rule says against an import, or undefined. */
export function violation({ from, to }: Import): string | undefined {
  const [top, second] = from.split('/');
  const [toTop, toSecond] = to.split('/');
  const own = TOP_FOLDERS.includes(toTop ?? '');
  if (top === 'shared' && own && toTop !== 'shared') return 'shared/ imports nothing but itself';
  if (top === 'functions' && own && toTop !== 'shared' && !(toTop === 'functions' && toSecond === second)) {
    return 'a function imports itself and shared/ only';
  }
  if (top === 'local' && own && !['local', 'shared', 'build'].includes(toTop ?? ''))
    return 'local/ imports only shared/ and the page build';
  if (toTop === 'local' && own && !['local', 'test', 'bench', 'cli'].includes(top ?? '')) {
    return 'only test, bench and cli import local/';
  }
  if (top === 'web' && own && !['web', 'shared'].includes(toTop ?? ''))
    return 'web/ imports only shared types';
  if (top === 'evaluation' && (own ? !['evaluation', 'shared'].includes(toTop ?? '') : to !== 'zod'))
    return 'evaluation/ is pure: it imports only shared/';
  if (top === 'client' && own && !['client', 'shared'].includes(toTop ?? ''))
    return 'client/ imports only shared/';
  if (/^functions\/[^/]+\/handler\.ts$/.test(from) && isVendor(to)) return 'a handler imports no vendor SDK';
  return upwards(from, to) ?? vendorViolation(from, to);
}

/** The rooms of `shared/`, lowest first: a room imports itself and the rooms below it. */
export const ROOMS = ['base', 'cloud', 'prices', 'profiles', 'results', 'model', 'money'];

function upwards(from: string, to: string): string | undefined {
  const rank = (path: string): number =>
    path.startsWith('shared/') ? ROOMS.indexOf(path.split('/')[1] ?? '') : -1;
  if (from.startsWith('shared/') && rank(from) < 0) return `shared/ has the rooms ${ROOMS.join(', ')} only`;
  if (from.startsWith('shared/') && rank(to) > rank(from))
    return `${ROOMS[rank(from)]} stands below ${ROOMS[rank(to)]}`;
  return undefined;
}

/** Each vendor SDK belongs to one file of the product, which returns our types and throws our errors. */
const VENDORS: Readonly<Record<string, string>> = {
  '@google-cloud/storage': 'shared/cloud/storage/buckets.ts',
  '@google-cloud/firestore': 'shared/cloud/firestore/documents.ts',
  '@google/generative-ai': 'shared/model/gemini/developer-api.ts',
  '@google/genai': 'shared/model/gemini/vertex-api.ts',
};

const isVendor = (to: string): boolean =>
  to in VENDORS || to === 'sharp' || to === 'process' || to === 'node:process';

function vendorViolation(from: string, to: string): string | undefined {
  const home = VENDORS[to];
  const product = ['functions', 'shared', 'web', 'cli'].includes(from.split('/')[0] ?? '');
  return home !== undefined && product && from !== home ? `${to} is imported in ${home} only` : undefined;
}

/** Circles of files that import each other, each as the path that leads back to its start. */
export function circles(imports: readonly Import[]): string[] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}

const EXPORTED = /^export (?:abstract )?(?:async )?(?:class|interface|type|function|const|enum) (\w+)/gm;

/** Names that two files of the functions and their rooms export. */
export async function doubledNames(root: string, files: readonly string[]): Promise<string[]> {
  const homes = new Map<string, string[]>();
  for (const file of files) {
    for (const [, name = ''] of (await readFile(join(root, file), 'utf8')).matchAll(EXPORTED))
      homes.set(name, [...(homes.get(name) ?? []), file]);
  }
  return [...homes].filter(([, at]) => at.length > 1).map(([name, at]) => `${name}: ${at.join(', ')}`);
}

/** What every function has, under the same name in each. */
const USUAL = new Set(['index', 'handler', 'options']);

/** File names that two files of the functions and their rooms have. */
export function doubledFiles(files: readonly string[]): string[] {
  const byName = Map.groupBy(files, (file) => posix.basename(file, posix.extname(file)));
  return [...byName]
    .filter(([name, at]) => at.length > 1 && !USUAL.has(name))
    .map(([name, at]) => `${name}: ${at.join(', ')}`);
}
