import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSources, unusedExports } from './exports.ts';
import { circles, doubledFiles, doubledNames, importsOf, readImports, violation } from './imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What tests and users of the code may take, or what is found by its name. */
const FOR_OTHERS = [
  /^(test|client)\//,
  /^shared\/profiles\/\w+\.ts: AnswerOf$/,
  // Read by `npm run build:terraform`, which looks at the exports of every file.
  /^shared\/results\/queries\.ts: (LIST|REVIEW)_QUERIES$/,
];

describe('the folders', () => {
  it('import each other only in the directions that the architecture allows', async () => {
    const imports = await readImports(root);
    expect(imports.length).toBeGreaterThan(100);
    const broken = imports.flatMap((each) => {
      const rule = violation(each);
      return rule === undefined ? [] : [`${each.from} imports ${each.to}: ${rule}`];
    });
    expect(broken).toEqual([]);
  });

  it.each([
    [
      'functions/resize-image/handler.ts',
      "import { x } from '../analyze-image/ladder.ts';",
      'itself and shared',
    ],
    [
      'functions/resize-image/handler.ts',
      "import { Storage } from '@google-cloud/storage';",
      'no vendor SDK',
    ],
    [
      'shared/results/results.ts',
      "import type { X } from '../../functions/api/app.ts';",
      'nothing but itself',
    ],
    ['shared/results/results.ts', "const x = await import('../../local/cloud.ts');", 'nothing but itself'],
    [
      'shared/base/resilience/retry.ts',
      "import { ask } from '../../model/ladder.ts';",
      'base stands below model',
    ],
    ['shared/results/results.ts', "import { Firestore } from '@google-cloud/firestore';", 'only'],
    ['web/app.tsx', "import { startLocalCloud } from '../local/cloud.ts';", 'only test, bench and cli'],
    ['client/answers.ts', "import { x } from '../functions/api/app.ts';", 'only shared'],
    ['evaluation/cells.ts', "import { readFile } from 'node:fs/promises';", 'pure'],
    ['evaluation/cells.ts', "import { x } from '../cli/output.ts';", 'pure'],
    ['functions/api/index.ts', "export { y } from '../../local/cloud.ts';", 'itself and shared'],
    ['local/cloud.ts', "import { x } from '../functions/api/app.ts';", 'only shared'],
  ])('of a planted violation in %s are refused (%s)', (from, text, rule) => {
    expect(importsOf(from, text).map(violation)).toEqual([expect.stringContaining(rule)]);
  });

  it('have no circle of files that import each other', async () => {
    expect(circles(await readImports(root))).toEqual([]);
  });

  it('show a circle where there is one', () => {
    const planted = [
      ...importsOf('shared/base/a.ts', "import { b } from './b.ts';"),
      ...importsOf('shared/base/b.ts', "import type { A } from './a.ts';"),
    ];
    expect(circles(planted)).toEqual(['shared/base/a.ts > shared/base/b.ts > shared/base/a.ts']);
  });

  it('give no name to two files or to two exports of the functions and their rooms', async () => {
    const files = [...new Set((await readImports(root)).flatMap(({ from, to }) => [from, to]))].filter(
      (file) => /^(functions|shared)\/.*\.ts$/.test(file),
    );
    expect(files.length).toBeGreaterThan(150);
    expect(doubledFiles(files)).toEqual([]);
    expect(await doubledNames(root, files)).toEqual([]);
  });

  it('export nothing that no other file takes', async () => {
    const files = new Set((await readImports(root)).map(({ from }) => from));
    const unused = unusedExports(await readSources(root, files));
    expect(unused.filter((one) => !FOR_OTHERS.some((pattern) => pattern.test(one)))).toEqual([]);
  });

  it('show an export that nobody takes', () => {
    const planted = new Map([
      ['shared/base/a.ts', 'export const taken = 1;\nexport type Left = string;\n'],
      ['shared/base/b.ts', "import { taken as mine } from './a.ts';\nexport const own = mine;\n"],
      ['shared/base/c.ts', "const all = await import('./b.ts');\n"],
    ]);
    expect(unusedExports(planted)).toEqual(['shared/base/a.ts: Left']);
  });

  it('read the environment only where a process begins', async () => {
    const readers: string[] = [];
    for (const file of new Set((await readImports(root)).map((each) => each.from))) {
      if (!/^(functions|shared)\//.test(file) || /^functions\/[^/]+\/index\.ts$/.test(file)) continue;
      if (/process\.env\b/.test(await readFile(`${root}/${file}`, 'utf8'))) readers.push(file);
    }
    expect(readers).toEqual([]);
  });
});
