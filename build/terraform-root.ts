import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../terraform', import.meta.url));
const MODULE = 'modules/pipeline';
const NOTE = `# Written by \`npm run build:terraform\` from ${MODULE}: change it there.\n`;

/** A variable or an output of the module, as its file declares it. */
interface Declared {
  name: string;
  /** What stands between the braces, without validations. */
  body: string;
}

/** Files of `terraform/` that follow from the module, with what belongs into them. */
export async function derivedFiles(): Promise<Map<string, string>> {
  const text = await moduleText();
  const variables = declared(text, 'variable');
  const outputs = declared(text, 'output');
  const readme = join(MODULE, 'README.md');
  const versions = await readFile(join(folder, MODULE, 'versions.tf'), 'utf8');
  return new Map([
    ['main.tf', callOfTheModule(variables)],
    ['variables.tf', NOTE + variables.map(({ name, body }) => `\nvariable "${name}" {\n${body}}\n`).join('')],
    ['outputs.tf', NOTE + outputs.map(handedOn).join('')],
    [readme, withTables(await readFile(join(folder, readme), 'utf8'), versions, variables, outputs)],
  ]);
}

/** Whether a file of `terraform/` is as the module says. */
const isInStep = async (file: string, text: string): Promise<boolean> =>
  (await readFile(join(folder, file), 'utf8').catch(() => '')) === text;

async function writeDerivedFiles(): Promise<void> {
  for (const [file, text] of await derivedFiles()) {
    const before = await isInStep(file, text);
    await writeFile(join(folder, file), text);
    console.log(`terraform/${file} ${before ? 'is as the module says' : 'was rewritten'}.`);
  }
}

async function moduleText(): Promise<string> {
  const files = (await readdir(join(folder, MODULE))).filter((file) => file.endsWith('.tf')).sort();
  return (await Promise.all(files.map((file) => readFile(join(folder, MODULE, file), 'utf8')))).join('\n');
}

/** Blocks of a kind. Ranges are checked where they are needed, in the module. */
function declared(text: string, kind: 'variable' | 'output'): Declared[] {
  const blocks = text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)^\\}$`, 'gm'));
  return [...blocks].map(([, name = '', body = '']) => ({
    name,
    body: body.replace(/\n {2}validation \{\n[\s\S]*?^ {2}\}\n/gm, ''),
  }));
}

function callOfTheModule(variables: readonly Declared[]): string {
  const width = Math.max(...variables.map(({ name }) => name.length));
  const inputs = variables.map(({ name }) => `  ${name.padEnd(width)} = var.${name}\n`);
  return `${NOTE}
module "pipeline" {
  source = "./${MODULE}"

  providers = {
    archive                   = archive
    google                    = google
    google.with_quota_project = google.with_quota_project
  }

${inputs.join('')}}
`;
}

function handedOn({ name, body }: Declared): string {
  const description = attribute(body, 'description');
  const lines = [
    ...(description === undefined ? [] : [`  description = ${description}\n`]),
    `  ${description === undefined ? 'value' : 'value      '} = module.pipeline.${name}\n`,
  ];
  return `\noutput "${name}" {\n${lines.join('')}}\n`;
}

/** The text of an attribute, over several lines where it has them. */
const attribute = (body: string, name: string): string | undefined =>
  new RegExp(`^ {2}${name} += ([\\s\\S]*?)\\n(?= {2}\\w|$(?![\\s\\S]))`, 'm').exec(body)?.[1];

const BEGIN = '<!-- BEGIN_TF_DOCS -->';
const END = '<!-- END_TF_DOCS -->';

/** The tables between the markers, in the format that terraform-docs writes (`terraform-docs markdown table`). */
function withTables(
  readme: string,
  versions: string,
  variables: readonly Declared[],
  outputs: readonly Declared[],
): string {
  const before = readme.slice(0, readme.indexOf(BEGIN));
  const after = readme.slice(readme.indexOf(END) + END.length);
  const byName = (list: readonly Declared[]) => [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  const tables = [
    '## Requirements\n',
    '| Name | Version |\n|------|---------|',
    ...requirements(versions).map(([name, version]) => `| ${anchor('requirement', name)} | ${version} |`),
    '\n## Inputs\n',
    '| Name | Description | Type | Default | Required |\n|------|-------------|------|---------|:--------:|',
    ...byName(variables).map(inputRow),
    '\n## Outputs\n',
    '| Name | Description |\n|------|-------------|',
    ...byName(outputs).map(({ name, body }) => `| ${anchor('output', name)} | ${sentence(body)} |`),
  ];
  return `${before}${BEGIN}\n${tables.join('\n')}\n${END}${after}`;
}

function requirements(versions: string): [string, string][] {
  const [, terraform = ''] = /required_version = "([^"]+)"/.exec(versions) ?? [];
  const providers = [...versions.matchAll(/^ {4}(\w+) = \{[\s\S]*?version += "([^"]+)"/gm)].map(
    ([, name = '', version = '']): [string, string] => [name, version],
  );
  return [['terraform', terraform], ...providers.sort(([a], [b]) => (a < b ? -1 : 1))];
}

function inputRow({ name, body }: Declared): string {
  const given = attribute(body, 'default');
  return `| ${anchor('input', name)} | ${sentence(body)} | ${cell(attribute(body, 'type'))} | ${
    given === undefined ? 'n/a' : cell(given)
  } | ${given === undefined ? 'yes' : 'no'} |`;
}

const anchor = (kind: string, name: string): string =>
  `<a name="${kind}_${name}"></a> [${name}](#${kind}\\_${escaped(name)})`;

/** Markdown would read these as its own; between backticks it does not. */
const escaped = (text: string): string =>
  text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll('_', '\\_').replaceAll('|', '\\|')))
    .join('`');

/** The description as text; what a template would fill in is left out of descriptions. */
const sentence = (body: string): string =>
  escaped((attribute(body, 'description') ?? '"n/a"').slice(1, -1).replaceAll('\\"', '"'));

const cell = (text = 'any'): string =>
  text.includes('\n') ? `<pre>${text.replaceAll('\n', '<br/>')}</pre>` : `\`${text}\``;

if (import.meta.main) await writeDerivedFiles();
