import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExample } from './page.ts';
import { prepared, runIn, type Toolchain, type Workshop } from './toolchain.ts';

/** The project's own Node, beside the client code of this checkout. */
export const typescript = ({ folder }: Workshop): Promise<Toolchain> =>
  prepared(async () => {
    for (const name of ['client', 'node_modules', 'package.json'])
      await symlink(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), join(folder, name));
    const path = await writeExample('typescript', join(folder, 'example.ts'));
    return { example: { command: process.execPath, args: [path] } };
  });

export const curl = (workshop: Workshop): Promise<Toolchain> =>
  prepared(async () => {
    for (const tool of ['curl', 'jq', 'bash']) await runIn(workshop, tool, ['--version']);
    const path = await writeExample('curl', join(workshop.folder, 'example.sh'));
    return { example: { command: 'bash', args: [path] } };
  });
