import { readFile } from 'node:fs/promises';

/** The program of one language as docs/clients.md shows it. */
export async function example(language: string): Promise<string> {
  const page = await readFile(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  const found = new RegExp(`<!-- example: ${language} -->\n\`\`\`\\w+\n([\\s\\S]*?)\n\`\`\`\n`).exec(
    page,
  )?.[1];
  if (found === undefined) throw new Error(`docs/clients.md shows no program in ${language}.`);
  return `${found}\n`;
}
