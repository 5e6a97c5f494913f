import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExample, writeReceiver } from './page.ts';
import {
  cached,
  listening,
  type Program,
  prepared,
  runIn,
  type Toolchain,
  type Workshop,
} from './toolchain.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where pip put the packages of a file of requirements. No virtual environment: not each Python can make one. */
async function packages(workshop: Workshop, requirements: string): Promise<string> {
  const checked =
    'import sys; assert sys.version_info >= (3, 10), "Python 3.10 or newer is needed"; print(sys.version)';
  const { stdout: version } = await runIn(workshop, 'python3', ['-c', checked]);
  const path = here(`../python/${requirements}`);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--no-compile',
  ];
  return cached('python', version + (await readFile(path, 'utf8')), (folder) =>
    runIn(workshop, 'python3', [...pip, '--target', folder, '-r', path]),
  );
}

const python = (folder: string, ...args: string[]): Program => ({
  command: 'python3',
  args,
  env: { PYTHONPATH: folder },
});

/** Google's clients, gcsfs, and the receiver of webhooks. */
export const pythonClients = (workshop: Workshop): Promise<Toolchain> =>
  prepared(async () => {
    const folder = await packages(workshop, 'requirements.txt');
    const path = await writeExample('python', join(workshop.folder, 'example.py'));
    const receiver = join(workshop.folder, 'receiver.py');
    const port = await writeReceiver('Python', receiver);
    return {
      example: python(folder, path),
      contend: python(folder, here('../python/contend.py')),
      files: python(folder, here('../python/files.py')),
      receiver: listening(python(folder, '-m', 'flask', '--app', receiver, 'run', '--port', port), port),
    };
  });

/** Programs that read the OpenAPI document. */
export const pythonGenerators = (workshop: Workshop): Promise<Toolchain> =>
  prepared(async () => {
    const folder = await packages(workshop, 'generators.txt');
    return {
      python: python(folder),
      openapiPythonClient: python(folder, '-m', 'openapi_python_client'),
      schemathesis: python(folder, '-m', 'schemathesis.cli'),
    };
  });
