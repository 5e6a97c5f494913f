import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExample, writeReceiver } from './page.ts';
import { listening, prepared, runIn, type Toolchain, type Workshop } from './toolchain.ts';

const SOURCES = fileURLToPath(new URL('../go', import.meta.url));
/** Everything of a client in one file of the package that uses it. */
const INTO = ['-package', 'main', '-generate', 'types,client', '-o'];
const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen';

/** Google's clients, the receiver of webhooks, and a generator that reads the OpenAPI document. Go itself keeps what was fetched and compiled. */
export function go(workshop: Workshop): Promise<Toolchain> {
  const cwd = join(workshop.folder, 'go');
  const inGo = (...args: string[]) => runIn(workshop, 'go', args, { cwd });
  return prepared(
    async () => {
      await runIn(workshop, 'go', ['version']);
      await cp(SOURCES, cwd, { recursive: true });
      await mkdir(join(cwd, 'example'), { recursive: true });
      await writeExample('go', join(cwd, 'example/main.go'));
      await mkdir(join(cwd, 'receiver'));
      const port = await writeReceiver('Go', join(cwd, 'receiver/main.go'));
      await inGo('mod', 'download');
      const built = (name: string) => ({ command: join(cwd, 'bin', name), args: [] });
      return {
        example: built('example'),
        contend: built('contend'),
        receiver: listening(built('receiver'), port),
        oapiCodegen: {
          command: join(cwd, 'bin/oapi-codegen'),
          args: [...INTO, join(cwd, 'generated/api.gen.go')],
        },
        generated: { command: 'go', args: ['-C', cwd, 'run', './generated'] },
      };
    },
    () => inGo('build', '-o', 'bin/', './example', './contend', './receiver', OAPI_CODEGEN),
  );
}
