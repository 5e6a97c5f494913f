import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withFailureTable } from '../../build/failure-table.ts';
import { withSettingsTable } from '../../build/settings-table.ts';
import { resultDocument } from '../../shared/results/document.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(`${root}README.md`, 'utf8');

describe('the README', () => {
  it('explains every failure code as the code has it (node build/failure-table.ts renews it)', () => {
    expect(withFailureTable(readme)).toBe(readme);
    expect(readme).toContain('| NOT_AN_IMAGE | refused |');
  });

  it('shows every field of a result document', () => {
    const [, shape = ''] = /<!-- shape -->([\s\S]*)<!-- \/shape -->/.exec(readme) ?? [];
    const missing = Object.keys(resultDocument.shape).filter(
      (field) => !new RegExp(`\\b${field}\\b`).test(shape),
    );
    expect(missing).toEqual([]);
  });

  it('shows examples in TypeScript that import what exists', async () => {
    const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    for (const example of examples) {
      for (const [, names = '', path = ''] of example.matchAll(/import \{ ([^}]+) \} from '(\.[^']+)'/g)) {
        const source = await readFile(`${root}${path}`, 'utf8');
        for (const name of names.split(', ').map((one) => one.replace('type ', '')))
          expect(source).toMatch(new RegExp(`export (class|function|type|const) ${name}\\b`));
      }
    }
    expect(examples).toHaveLength(2);
  });

  it('names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that exist', async () => {
    const links = [
      ...readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g),
      ...readme.matchAll(/src(?:set)?="([^"]+)"/g),
    ].map((match) => match[1] ?? '');
    for (const link of links) await readFile(`${root}${link}`);
    expect(links.length).toBeGreaterThan(9);
  });
});

describe('the page of settings', () => {
  it('lists every variable of the functions as the code has it (node build/settings-table.ts renews it)', async () => {
    const settings = await readFile(`${root}docs/settings.md`, 'utf8');
    expect(await withSettingsTable(settings)).toBe(settings);
    expect(settings).toContain('| DAILY_BUDGET_USD | `10` | analyze-image, batch | `daily_budget_usd` |');
  });
});

describe('the map', () => {
  it('names files that exist, from the upload to the result', async () => {
    const contributing = await readFile(`${root}CONTRIBUTING.md`, 'utf8');
    const [, path = ''] = /## The path of a picture\n([\s\S]*?)\n## /.exec(contributing) ?? [];
    const named = [...path.matchAll(/`((?:functions|shared)\/[\w./-]+\.ts)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.length).toBeGreaterThan(20);
    for (const file of named) await expect(readFile(`${root}${file}`, 'utf8'), file).resolves.not.toBe('');
  });

  it.each(['shared', 'functions', 'local'])(
    'begins every folder of %s/ with a sentence on what lives there',
    async (top) => {
      const folders = (await readdir(`${root}${top}`, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ parentPath, name }) => `${parentPath}/${name}`)
        .filter((folder) => !/\/(references|node_modules|dist)\b/.test(folder));
      expect(folders.length).toBeGreaterThan(4);
      for (const folder of folders) {
        const [first = ''] = (await readFile(`${folder}/README.md`, 'utf8')).split('\n');
        expect(first, folder).toMatch(/^[A-Z].{20,}\.$/);
      }
    },
  );
});
