import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { mitLicense } from './mit-license.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a deployable and the page are shipped with. */
export const LICENSES_FILE = 'THIRD_PARTY_LICENSES.txt';

/** Licenses that ask for their text to go along, and for nothing else. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const TEXTS = /^(licen[cs]e|copying|notice)/i;

const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  /** As npm had it before 2014. */
  licenses: z.array(z.looseObject({ type: z.string() })).optional(),
  author: z.union([z.string(), z.looseObject({ name: z.string() })]).optional(),
});
type Manifest = z.infer<typeof manifest>;

/** A package whose code is in a bundle, and the texts that have to go with it. */
interface Bundled {
  /** `name version (license)` */
  title: string;
  text: string;
}

/**
 * The licenses and notices of every package that lies in a bundle, packages of one text together. `inputs` is the
 * bundler's own list. Throws where a license is unknown or asks for more than its text.
 */
export async function thirdPartyLicenses(inputs: readonly string[], base = root): Promise<string> {
  const packages = await Promise.all(foldersOf(inputs).map((folder) => readPackage(join(base, folder))));
  const byText = new Map<string, string[]>();
  for (const { title, text } of packages) byText.set(text, [...(byText.get(text) ?? []), title]);
  const parts = [...byText].map(([text, titles]) => `${[...new Set(titles)].join('\n')}\n\n${text}\n`);
  return [HEAD, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

const HEAD = `The code beside this file contains these packages, unchanged but for their comments. Packages that are installed
with it (package.json) bring their own licenses.
`;

/** Folders of packages, from the project's root, in alphabetical order. */
function foldersOf(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap(
    (input) => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [],
  );
  return [...new Set(folders)].sort();
}

async function readPackage(folder: string): Promise<Bundled> {
  const found = manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const license = found.license ?? found.licenses?.[0]?.type;
  if (license === undefined || !PERMISSIVE.includes(license)) {
    throw new Error(
      `${found.name} ${found.version} has the license ${license ?? '(none)'}, which build/licenses.ts does not know. ` +
        'Read it: add it there if it asks for its text alone, otherwise do without the package.',
    );
  }
  const files = (await readdir(folder)).filter((file) => TEXTS.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return {
    title: `${found.name} ${found.version} (${license})`,
    text: (texts.length > 0 ? texts : [await withoutFile(folder, found, license)]).map(tidy).join('\n\n'),
  };
}

/** Some packages have their license in the README, or merely name it. */
async function withoutFile(
  folder: string,
  { name, version, author }: Manifest,
  license: string,
): Promise<string> {
  const readme = (await readdir(folder)).find((file) => /^readme/i.test(file));
  const said = readme ? await readFile(join(folder, readme), 'utf8') : '';
  const [own] = /^.*Copyright[\s\S]*Permission is hereby granted[\s\S]*/m.exec(said) ?? [];
  if (own) return own;
  const holder = typeof author === 'string' ? author.replace(/ *[<(].*/, '') : author?.name;
  if (license !== 'MIT' || !holder)
    throw new Error(`${name} ${version} comes without the text of its license.`);
  return mitLicense(holder);
}

const tidy = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
