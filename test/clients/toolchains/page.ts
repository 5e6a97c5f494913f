import { readFile, writeFile } from 'node:fs/promises';
import { RECEIVERS } from '../../../functions/api/docs/webhooks.ts';
import { findFreePort } from '../../../local/supervisor/free-port.ts';

/** Writes the program of one language as docs/clients.md shows it; returns where to. */
export async function writeExample(language: string, path: string): Promise<string> {
  const page = await readFile(new URL('../../../docs/clients.md', import.meta.url), 'utf8');
  const pattern = new RegExp(`<!-- example: ${language} -->\n\`\`\`\\w+\n([\\s\\S]*?)\n\`\`\`\n`);
  const found = pattern.exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/clients.md shows no program in ${language}.`);
  await writeFile(path, `${found}\n`);
  return path;
}

/** Writes the receiver of webhooks that /docs shows for a language; returns the port on which it listens. */
export async function writeReceiver(language: 'Python' | 'Go', path: string): Promise<string> {
  const [, , program = ''] = RECEIVERS.find(([name]) => name === language) ?? [];
  const port = String(await findFreePort());
  await writeFile(path, program.replace(':3000', `127.0.0.1:${port}`));
  return port;
}
