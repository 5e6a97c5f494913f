import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { endpointsOf, writeEndpoints } from '../../local/endpoints.ts';
import { drawLabel } from '../local/label-pictures.ts';
import { run } from './command.ts';
import type { Program, Toolchain } from './toolchains/toolchain.ts';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));
/** Seconds on an idle machine. */
const WITHIN_MS = 150_000;

const { python, go, java, typescript, curl } = inject('toolchains');
const toolchains: [string, Toolchain][] = [
  ['Python', python],
  ['Go', go],
  ['Java', java],
  ['TypeScript', typescript],
  ['curl', curl],
];

let dataDir = '';
let cloud: LocalCloud;
let env: Record<string, string> = {};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clients-'));
  cloud = await startLocalCloud({ dataDir, functions: ['resize-image', 'analyze-image', 'api'] });
  await writeEndpoints(dataDir, endpointsOf(cloud));
  const { stdout } = await run(process.execPath, [PIPELINE, 'env', '--data', dataDir, '--format', 'json'], {
    withinMs: WITHIN_MS,
  });
  env = JSON.parse(stdout) as Record<string, string>;
  const lines = ['SHELF A-12', 'SKU KX-40190', 'QTY 36'];
  const picture = await drawLabel({ lines, barcode: { text: 'KX-40190', format: 'Code128' } });
  await writeFile(join(dataDir, 'shelf.jpg'), picture);
}, WITHIN_MS);
afterAll(async () => {
  await cloud?.close();
  await rm(dataDir, { recursive: true, force: true });
}, WITHIN_MS);

const output = async ({ command, args, env: own }: Program, ...more: string[]): Promise<string> =>
  (await run(command, [...args, ...more], { cwd: dataDir, env: { ...env, ...own }, withinMs: WITHIN_MS }))
    .stdout;

describe.each(toolchains)('the program in %s of docs/clients.md', (language, toolchain) => {
  if (toolchain.kind === 'absent') {
    it.skip(`is left out, because ${language} cannot be run here: ${toolchain.reason}`);
    return;
  }
  if (toolchain.kind === 'broken') {
    it('compiles', () => expect.fail(toolchain.reason));
    return;
  }
  const { example, contend, files } = toolchain.programs;
  const within = { timeout: WITHIN_MS + 10_000 };

  it(
    'uploads, waits, reads the typed answer, queries, listens and uploads by a signed address',
    within,
    async () => {
      const said = await output(example as Program, 'shelf.jpg');
      expect(said).toMatch(/^answer .*KX-40190\W.*\b36\b.*\bnew\b/m);
      expect(said).toMatch(/^completed [1-9]\d*$/m);
      expect(said).toMatch(/^signed completed$/m);
    },
  );

  if (files)
    it(
      'has a file system on buckets that lists, reads, copies, moves, synchronizes and removes',
      within,
      async () => {
        const said = await output(files);
        expect(said).toContain(
          "found ['shelves/a/b c/#[1].txt', 'shelves/a/large.bin', 'shelves/a/one.txt']",
        );
        expect(said).toContain("read b'one' b'wo'");
        expect(said).toContain('large 12000000 True');
        expect(said).toMatch(/^moved \[.*'shelves\/moved\/one\.txt'\] False b'one'$/m);
        expect(said).toContain("back new ['shelves/synchronized/new.txt']");
        expect(said).toMatch(/^left False True$/m);
      },
    );

  if (!contend) return;
  it(
    'has a client whose 20 contenders all commit, whose message arrives, which gets a token',
    within,
    async () => {
      const said = await output(contend);
      expect(said).toMatch(/^increments 20$/m);
      expect(said).toMatch(/^received hello greeting$/m);
      expect(said).toMatch(/^(token true|bucket uploads)$/m);
    },
  );
});
