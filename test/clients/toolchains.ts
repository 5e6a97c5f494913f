import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.ts';
import { example } from './page.ts';

/** How to run a language's programs, or why that cannot be done here. What does not compile is no absence: it fails. */
export type Toolchain =
  | { kind: 'ready'; build?: () => Promise<void>; example: Program; contend?: Program }
  | { kind: 'absent'; reason: string };

export interface Program {
  command: string;
  args: string[];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What was fetched and built stays for the next run. */
const CACHE = here('../../.cache/clients');
const MOMENT_MS = 30_000;
const FETCH_MS = 170_000;

/** A folder that belongs to these very sources. */
async function workFolder(language: string, sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(sources.join('\0')).digest('hex').slice(0, 12);
  const folder = join(CACHE, `${language}-${hash}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** A machine that lacks the tool, or the way to what it has to fetch, leaves the language out and says so. */
async function unlessAbsent(prepare: () => Promise<Toolchain>): Promise<Toolchain> {
  try {
    return await prepare();
  } catch (error) {
    const [reason = ''] = String((error as Error).message).split('\n');
    return { kind: 'absent', reason };
  }
}

export const python = (): Promise<Toolchain> =>
  unlessAbsent(async () => {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)'], { withinMs: MOMENT_MS });
    const requirements = here('python/requirements.txt');
    const folder = await workFolder('python', [await readFile(requirements, 'utf8')]);
    const interpreter = join(folder, 'venv/bin/python');
    if (!existsSync(join(folder, 'fetched'))) {
      await run('python3', ['-m', 'venv', join(folder, 'venv')], { withinMs: FETCH_MS });
      await run(interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { withinMs: FETCH_MS });
      await writeFile(join(folder, 'fetched'), '');
    }
    const path = join(folder, 'example.py');
    await writeFile(path, await example('python'));
    return {
      kind: 'ready',
      example: { command: interpreter, args: [path] },
      contend: { command: interpreter, args: [here('python/contend.py')] },
    };
  });

export const go = (): Promise<Toolchain> =>
  unlessAbsent(async () => {
    await run('go', ['version'], { withinMs: MOMENT_MS });
    const folder = await workFolder('go', [await readFile(here('go/go.sum'), 'utf8')]);
    await cp(here('go'), folder, { recursive: true });
    await mkdir(join(folder, 'example'), { recursive: true });
    await writeFile(join(folder, 'example/main.go'), await example('go'));
    await run('go', ['mod', 'download'], { cwd: folder, withinMs: FETCH_MS });
    const program = (name: string): Program => ({ command: join(folder, 'bin', name), args: [] });
    return {
      kind: 'ready',
      build: async () => {
        await run('go', ['build', '-o', 'bin/', './...'], { cwd: folder, withinMs: FETCH_MS });
      },
      example: program('example'),
      contend: program('contend'),
    };
  });

export const java = (): Promise<Toolchain> =>
  unlessAbsent(async () => {
    await run('javac', ['--release', '17', '-version'], { withinMs: MOMENT_MS });
    await run('mvn', ['-v'], { withinMs: MOMENT_MS });
    const folder = await workFolder('java', [await readFile(here('java/pom.xml'), 'utf8')]);
    await cp(here('java'), folder, { recursive: true });
    await writeFile(join(folder, 'Example.java'), await example('java'));
    const listed = join(folder, 'classpath.txt');
    if (!existsSync(listed)) {
      const goals = ['-q', '-B', 'dependency:build-classpath', `-Dmdep.outputFile=${listed}`];
      await run('mvn', goals, { cwd: folder, withinMs: FETCH_MS });
    }
    const classpath = (await readFile(listed, 'utf8')).trim();
    const sources = ['Example.java', 'Contend.java'].map((file) => join(folder, file));
    const program = (name: string) => ({ command: 'java', args: ['-cp', `${folder}:${classpath}`, name] });
    return {
      kind: 'ready',
      build: async () => {
        await run('javac', ['-d', folder, '-cp', classpath, ...sources], { withinMs: FETCH_MS });
      },
      example: program('Example'),
      contend: program('Contend'),
    };
  });

/** The project's own Node, and the client code of this checkout. */
export const typescript = (): Promise<Toolchain> =>
  unlessAbsent(async () => {
    const folder = await workFolder('typescript', []);
    const path = join(folder, 'example.ts');
    const source = await example('typescript');
    await writeFile(path, source.replaceAll("'./client/", `'${here('../../client/')}`));
    return { kind: 'ready', example: { command: process.execPath, args: [path] } };
  });

export const curl = (): Promise<Toolchain> =>
  unlessAbsent(async () => {
    for (const tool of ['curl', 'jq', 'bash']) await run(tool, ['--version'], { withinMs: MOMENT_MS });
    const folder = await workFolder('curl', []);
    const path = join(folder, 'example.sh');
    await writeFile(path, await example('curl'));
    return { kind: 'ready', example: { command: 'bash', args: [path] } };
  });
