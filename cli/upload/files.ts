import { glob, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { CliError } from '../failure.ts';

/** A file to upload, and what it is called below the profile's folder. */
export interface LocalFile {
  path: string;
  /** With forward slashes on every system. */
  relativeName: string;
  bytes: number;
}

/** What cameras, phones and drawing programs call their pictures; the pipeline itself looks at the bytes. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.jfif': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
  '.heic': 'image/heic',
  '.heif': 'image/heif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.svg': 'image/svg+xml',
};

export const contentTypeOf = (path: string): string =>
  CONTENT_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';

const looksLikePicture = (path: string): boolean => extname(path).toLowerCase() in CONTENT_TYPES;

/**
 * The files that the arguments name. A file that is named itself is always taken and keeps its own name; from folders
 * and patterns come the files that look like pictures, named by their path below the folder or below the fixed part of
 * the pattern. Hidden files and folders are left out. Sorted by name.
 *
 * @throws CliError for an argument that names nothing
 */
export async function findFiles(args: readonly string[], cwd: string): Promise<LocalFile[]> {
  const found = new Map<string, LocalFile>();
  for (const arg of args) {
    const files = await filesOf(arg, cwd);
    if (files.length === 0) {
      throw new CliError(`There are no pictures in ${arg}.`, {
        hint: `Files that end in ${Object.keys(CONTENT_TYPES).join(' ')} count; name a file itself to send it in any case.`,
      });
    }
    for (const file of files) if (!found.has(file.path)) found.set(file.path, file);
  }
  return [...found.values()].sort((a, b) => (a.relativeName < b.relativeName ? -1 : 1));
}

async function filesOf(arg: string, cwd: string): Promise<LocalFile[]> {
  const path = resolve(cwd, arg);
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new CliError(`${arg} cannot be read (${error.code}).`, { hint: 'Check who may read it.' });
  });
  if (info?.isDirectory()) return inFolder(path);
  if (info && !info.isFile()) {
    throw new CliError(`${arg} is neither a file nor a folder.`, { hint: 'Name a file or a folder.' });
  }
  if (info) return [{ path, relativeName: basename(path), bytes: info.size }];
  if (/[*?[{]/.test(arg)) return matching(arg, cwd);
  throw new CliError(`There is no file or folder ${arg}.`, {
    hint: 'Check the spelling and the current folder.',
  });
}

async function inFolder(folder: string): Promise<LocalFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CliError(`The folder ${folder} cannot be read (${error.code}).`, {
        hint: 'Check who may read it and the folders in it.',
      });
    },
  );
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  return pictures(paths, folder);
}

async function matching(pattern: string, cwd: string): Promise<LocalFile[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd })) paths.push(resolve(cwd, path));
  return pictures(paths, resolve(cwd, fixedPart(pattern)));
}

/** The folders of a pattern before the first wildcard: `photos/2026` of `photos/2026/*` and all below. */
function fixedPart(pattern: string): string {
  const parts = pattern.split(/[\\/]/);
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  const fixed = parts.slice(0, wild).join('/');
  return pattern.startsWith('/') ? `/${fixed}` : fixed;
}

async function pictures(paths: readonly string[], base: string): Promise<LocalFile[]> {
  const files: LocalFile[] = [];
  for (const path of paths) {
    const relativeName = relative(base, path).split(sep).join('/');
    if (!looksLikePicture(path) || isHidden(relativeName)) continue;
    // A link may lead nowhere, and a folder may be called like a picture.
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile()) files.push({ path, relativeName, bytes: info.size });
  }
  return files;
}

const isHidden = (name: string): boolean => name.split('/').some((part) => part.startsWith('.'));
