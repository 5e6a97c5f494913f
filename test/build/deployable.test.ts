import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDeployable } from '../../build/deployable.ts';
import { functionNames } from '../../build/functions.ts';

describe('a deployable', () => {
  const roots = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'deployable-')));
  let folders: string[] = [];
  const text = (file: string) => readFileSync(join(folders[0] ?? '', file), 'utf8');

  beforeAll(async () => {
    folders = [];
    for (const root of roots) folders.push((await buildDeployable('resize-image', root)).folder);
  });
  afterAll(() => {
    for (const root of roots) rmSync(root, { recursive: true });
  });

  it('consists of a bundle and the modules it runs beside itself with their source maps, a start file, what to install, and licenses', () => {
    expect(readdirSync(folders[0] ?? '').sort()).toEqual([
      'LICENSE',
      'NOTICE',
      'Procfile',
      'THIRD_PARTY_LICENSES.txt',
      'heic-worker.js',
      'heic-worker.js.map',
      'index.mjs',
      'index.mjs.map',
      'package-lock.json',
      'package.json',
      'profiles',
      'start.mjs',
      'svg-process.js',
      'svg-process.js.map',
    ]);
  });

  it('has the same bytes whenever and wherever it is built', () => {
    const [one, two] = folders.map((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), 'base64')]),
    );
    expect(one).toEqual(two);
  });

  it('installs the framework and the native packages that it uses, each at an exact version', () => {
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies)).toEqual(
      expect.arrayContaining(['@google-cloud/functions-framework', '@node-rs/crc32', 'sharp']),
    );
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('names no registry and no path of the machine that built it', () => {
    expect(text('package-lock.json')).not.toContain('"resolved"');
    expect(text('index.mjs')).not.toContain(process.cwd());
    expect(text('index.mjs.map')).not.toContain(process.cwd());
  });

  it('draws an SVG in a process of its own, as in the sources', async () => {
    // Inside the project, where sharp is found; a deployment installs it.
    const inside = mkdtempSync(join(process.cwd(), 'node_modules/.deployable-'));
    cpSync(folders[0] ?? '', inside, { recursive: true });
    const child = fork(join(inside, 'svg-process.js'), { serialization: 'advanced', execArgv: [] });
    const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"/>');
    child.send({ bytes, maxSide: 1024, maxPixels: 1_000_000, quality: 85 });
    const [answer] = await once(child, 'message');
    rmSync(inside, { recursive: true });
    expect(answer).toMatchObject({ kind: 'rendered', width: 1024, height: 512 });
  });

  it('brings the license of every package that its code comes from', () => {
    const maps = ['index.mjs.map', 'heic-worker.js.map', 'svg-process.js.map'].flatMap(
      (file) => (JSON.parse(text(file)) as { sources: string[] }).sources,
    );
    const used = maps.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    const licensed = [...text('THIRD_PARTY_LICENSES.txt').matchAll(/^(\S+) \d\S* \(\S+\)$/gm)].map(
      ([, name = '']) => name,
    );
    // Maps of packages that were bundled themselves name folders of their authors' machines, too.
    const installed = used.filter((name) => existsSync(join('node_modules', name, 'package.json')));
    expect(installed.length).toBeGreaterThan(100);
    expect([...new Set(installed)].filter((name) => !licensed.includes(name))).toEqual([]);
  });

  it('maps its code back to the sources', () => {
    const { sources } = JSON.parse(text('index.mjs.map')) as { sources: string[] };
    expect(sources).toContain('../../functions/resize-image/handler.ts');
  });
});

describe('the build', () => {
  it('finds every function by its index.ts', async () => {
    expect(await functionNames()).toEqual(expect.arrayContaining(['analyze-image', 'resize-image']));
  });
});
