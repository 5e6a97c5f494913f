import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LICENSES_FILE, thirdPartyLicenses } from '../../build/licenses.ts';
import { buildWeb } from '../../build/web.ts';

const TEXT = 'Permission to use is granted.';

describe('the licenses of a bundle', () => {
  let root = '';
  const install = async (folder: string, manifest: object, files: Readonly<Record<string, string>> = {}) => {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text);
    return `${folder}/index.js`;
  };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'licenses-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('are those of the packages whose files are in it, wherever they are installed, one text written once', async () => {
    const inputs = [
      'functions/api/index.ts',
      await install('node_modules/a', { name: 'a', license: 'ISC' }, { LICENSE: TEXT }),
      await install(
        'node_modules/a/node_modules/@b/c',
        { name: '@b/c', license: 'ISC' },
        { License: `${TEXT}\r\n` },
      ),
    ];
    const written = await thirdPartyLicenses(inputs, root);
    expect(written).toContain('a 1.0.0 (ISC)\n@b/c 1.0.0 (ISC)\n\n');
    expect(written.split(TEXT)).toHaveLength(2);
  });

  it('bring along the notice that a package asks for', async () => {
    const files = { LICENSE: 'Apache License', NOTICE: 'Made by D.' };
    const input = await install('node_modules/d', { name: 'd', license: 'Apache-2.0' }, files);
    expect(await thirdPartyLicenses([input], root)).toContain('Apache License\n\nMade by D.');
  });

  it('are taken from the README, or from the name of the license, where a package has no file for it', async () => {
    const readme = 'How to use e.\n\nCopyright (c) 2014 E.\n\nPermission is hereby granted to everybody.';
    const inReadme = await install('node_modules/e', { name: 'e', license: 'MIT' }, { 'README.md': readme });
    const named = { name: 'f', licenses: [{ type: 'MIT' }], author: 'F. F. <f@example.com>' };
    const written = await thirdPartyLicenses([inReadme, await install('node_modules/f', named)], root);
    expect(written).toContain('(MIT)\n\nCopyright (c) 2014 E.');
    expect(written).toContain('Copyright (c) F. F.\n');
  });

  it.each([
    ['asks for more than its text', { name: 'g', license: 'GPL-3.0' }, /^g 1\.0\.0 has the license GPL-3\.0/],
    ['is not named', { name: 'g' }, /^g 1\.0\.0 has the license \(none\)/],
    ['has no text', { name: 'g', license: 'ISC' }, /^g 1\.0\.0 comes without the text of its license/],
  ])('stop the build where one %s', async (_title, manifest, message) => {
    const input = await install('node_modules/g', manifest);
    await expect(thirdPartyLicenses([input], root)).rejects.toThrow(message);
  });

  it('come with the page, which says where', async () => {
    const folder = join(root, 'web');
    const { files } = await buildWeb(folder);
    const licenses = await readFile(join(folder, LICENSES_FILE), 'utf8');
    expect(licenses).toMatch(/^preact \d[\d.]* \(MIT\)$/m);
    expect(licenses).toMatch(/^uplot \d[\d.]* \(MIT\)$/m);
    const script = files.find(({ name }) => /^main-.*\.js$/.test(name))?.name ?? '';
    expect(await readFile(join(folder, script), 'utf8')).toContain(`/${LICENSES_FILE} */`);
  });
});
