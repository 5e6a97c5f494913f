import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExample } from './page.ts';
import { cached, prepared, runIn, type Toolchain, type Workshop } from './toolchain.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Java 17 with Google's clients. */
export function java(workshop: Workshop): Promise<Toolchain> {
  const folder = join(workshop.folder, 'java');
  const sources = [join(folder, 'Example.java'), here('../java/Contend.java')];
  let classpath = '';
  return prepared(
    async () => {
      await runIn(workshop, 'javac', ['--release', '17', '-version']);
      await mkdir(folder);
      await writeExample('java', join(folder, 'Example.java'));
      const pom = here('../java/pom.xml');
      const jars = await cached('java', await readFile(pom, 'utf8'), (into) =>
        maven(workshop, '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${into}`),
      );
      classpath = join(jars, '*');
      const program = (name: string) => ({ command: 'java', args: ['-cp', `${folder}:${classpath}`, name] });
      return { example: program('Example'), contend: program('Contend') };
    },
    () => runIn(workshop, 'javac', ['-d', folder, '-cp', classpath, ...sources]),
  );
}

const OPENAPI_GENERATOR = '7.25.0';

/** The jar of openapi-generator. */
export const openapiGenerator = (workshop: Workshop): Promise<Toolchain> =>
  prepared(async () => {
    await runIn(workshop, 'java', ['-version']);
    const artifact = `org.openapitools:openapi-generator-cli:${OPENAPI_GENERATOR}`;
    const folder = await cached('openapi-generator', artifact, (into) =>
      maven(workshop, 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${into}`),
    );
    const jar = join(folder, `openapi-generator-cli-${OPENAPI_GENERATOR}.jar`);
    return { openapiGenerator: { command: 'java', args: ['-jar', jar] } };
  });

const maven = (workshop: Workshop, ...args: string[]) => runIn(workshop, 'mvn', ['-q', '-B', ...args]);
