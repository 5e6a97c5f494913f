import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withFailureTable } from '../../build/failure-table.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(`${root}README.md`, 'utf8');

describe('the README', () => {
  it('explains every failure code as the code has it (node build/failure-table.ts renews it)', () => {
    expect(withFailureTable(readme)).toBe(readme);
    expect(readme).toContain('| NOT_AN_IMAGE | refused |');
  });

  it('names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that exist', async () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    for (const link of links) await readFile(`${root}${link}`);
    expect(links.length).toBeGreaterThan(3);
  });
});
