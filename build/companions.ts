import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A module that a function runs in a thread or process of its own, beside the bundle. */
interface Companion {
  /** Name of its file in the deployable, without the ending. */
  name: string;
  /** Path of its source. */
  source: string;
}

/** Matches `besides(import.meta.url, 'svg-process')`, see functions/resize-image/picture/module-file.ts. */
const STARTED = /\bbesides\(import\.meta\.url, '([\w-]+)'\)/g;

/** The modules that the sources under `folder` start on their own, in alphabetical order. */
export async function companionsIn(folder: string): Promise<Companion[]> {
  const found: Companion[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    for (const [, name] of text.matchAll(STARTED)) {
      if (name !== undefined) found.push({ name, source: join(entry.parentPath, `${name}.ts`) });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
