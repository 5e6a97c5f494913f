import { readFile, writeFile } from 'node:fs/promises';

/** Writes the program of one language as docs/clients.md shows it; returns where to. */
export async function writeExample(language: string, path: string): Promise<string> {
  const page = await readFile(new URL('../../../docs/clients.md', import.meta.url), 'utf8');
  const pattern = new RegExp(`<!-- example: ${language} -->\n\`\`\`\\w+\n([\\s\\S]*?)\n\`\`\`\n`);
  const found = pattern.exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/clients.md shows no program in ${language}.`);
  await writeFile(path, `${found}\n`);
  return path;
}
