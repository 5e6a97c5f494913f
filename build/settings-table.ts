import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allOptionShapes, defaultOf, PROJECT_ROOT } from './option-shapes.ts';

const page = join(PROJECT_ROOT, 'docs', 'settings.md');
const START = '<!-- settings: written by build/settings-table.ts -->';
const END = '<!-- /settings -->';

/** The Terraform variables that each variable of a function follows from, read from environment.tf. */
async function terraformVariables(): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = join(PROJECT_ROOT, 'terraform');
  const files = (await readdir(folder, { recursive: true })).filter((file) =>
    /(^|[\\/])environment\.tf$/.test(file),
  );
  const found = new Map<string, readonly string[]>();
  for (const file of files.filter((one) => !one.includes('.terraform'))) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, name = '', value = ''] of text.matchAll(/^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.+)$/gm)) {
      const variables = [...value.matchAll(/\bvar\.([a-z_]+(?:\.[a-z_]+)?)/g)].map(([, one = '']) => one);
      found.set(name, [...new Set([...(found.get(name) ?? []), ...variables])]);
    }
  }
  return found;
}

const SECRET = /KEY$|SECRET$/;

function setBy(terraform: readonly string[] | undefined): string {
  if (terraform === undefined) return 'stays at its default';
  return terraform.map((one) => `\`${one}\``).join(', ') || 'Terraform';
}

/** Every variable of the functions: its default, who reads it, and what sets it in a deployment. */
async function settingsTable(): Promise<string> {
  const shapes = await allOptionShapes();
  const deployed = await terraformVariables();
  const names = [...new Set([...shapes.values()].flatMap(({ variables }) => Object.keys(variables)))].sort();
  const rows = names.map((name) => {
    const readers = [...shapes].filter(([, { variables }]) => name in variables);
    const usual = [
      ...new Set(readers.map(([, { variables }]) => variables[name] && defaultOf(variables[name]))),
    ];
    const by = SECRET.test(name) ? 'Secret Manager' : setBy(deployed.get(name));
    const shown = usual.map((one) => (one === undefined || one === '' ? '–' : `\`${one}\``)).join(' or ');
    return `| ${name} | ${shown} | ${readers.map(([reader]) => reader).join(', ')} | ${by} |`;
  });
  return ['| variable | default | read by | in a deployment |', '|---|---|---|---|', ...rows].join('\n');
}

/** The page of settings with its table made again; unchanged when it is up to date. */
export async function withSettingsTable(text: string): Promise<string> {
  const table = await settingsTable();
  return text.replace(new RegExp(`${START}[\\s\\S]*?${END}`), () => `${START}\n${table}\n${END}`);
}

if (import.meta.main) await writeFile(page, await withSettingsTable(await readFile(page, 'utf8')));
