import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const SPECIFIER = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]*)\.ts(['"])/g;

/**
 * The function as it would be deployed without a bundle: its files and `shared/` as JavaScript, one file each, beside the
 * installed packages. The types are taken out beforehand, so that this costs nothing at the start.
 */
export async function writeUnbundled(name: string, folder: string): Promise<void> {
  for (const source of [`functions/${name}`, 'shared']) {
    for (const file of await readdir(join(root, source), { recursive: true })) {
      const from = join(root, source, file);
      const to = join(folder, source, file.replace(/\.ts$/, '.js'));
      if (!/\.\w+$/.test(file)) continue;
      await mkdir(dirname(to), { recursive: true });
      if (!file.endsWith('.ts')) await cp(from, to);
      else
        await writeFile(to, stripTypeScriptTypes(await readFile(from, 'utf8')).replace(SPECIFIER, '$1.js$2'));
    }
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}
