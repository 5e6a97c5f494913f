import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the folder and those above it that are missing. Node's own `recursive` never comes back where a folder exists
 * in which none can be made, such as /proc: ENOENT there makes it try the same again and again (24.21).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdirOrKeep(path);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    await makeFolder(above);
    await mkdirOrKeep(path);
  }
}

async function mkdirOrKeep(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(path))) throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
