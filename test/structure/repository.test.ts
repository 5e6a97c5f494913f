import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCommit } from '../../build/conventional-commits.ts';

const read = (file: string) => readFileSync(file, 'utf8');

const { engines, repository } = JSON.parse(read('package.json')) as {
  engines: { node: string };
  repository: { url: string };
};

/** Those that speak of the three by name, whatever else lies in profiles/. */
const BUILT_IN_BY_NAME = [
  'api/client.test.ts',
  'profiles/profiles.test.ts',
  'structure/repository.test.ts',
  'support/built-in.ts',
];

/** What is otherwise spelled in American English; `cancelled` stays, the word of the APIs for a state. */
const BRITISH =
  /\b(labell(ed|ing)|grey|catalogues?|colours?|behaviours?|favours?|neighbours?|centres?|metres?|licences?|judgements?|towards|afterwards|whilst|artefacts?|programmes?|(organ|recogn|normal|serial|optim|summar|priorit|minim|maxim|synchron|standard|initial)is(e|ed|es|ing|ation)|analys(e|ed|ing))\b/i;

describe('the repository', () => {
  it('asks for one Node everywhere', () => {
    const oldest = /^>=(\d+\.\d+)$/.exec(engines.node)?.[1] ?? '';
    const [major, minor] = oldest.split('.');
    for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/deploy.md'])
      expect(read(page), page).toMatch(new RegExp(`\\b(Node|Node:) ${oldest} or newer`));
    expect(read('bin/check-node.mjs')).toContain(`Node ${oldest} or newer`);
    for (const file of ['bin/check-node.mjs', 'bin/pipeline.mjs'])
      expect(read(file), file).toMatch(new RegExp(`major === ${major} && minor (<|>=) ${minor}\\b`));
  });

  it('is owned by whom its address names', () => {
    const [, owner] =
      /^git\+https:\/\/github\.com\/([\w-]+)\/gemini-image-pipeline\.git$/.exec(repository.url) ?? [];
    const named = [...read('.github/CODEOWNERS').matchAll(/@([\w/-]+)/g)].map(
      ([, name]) => name?.split('/')[0],
    );
    expect(new Set(named)).toEqual(new Set([owner]));
  });

  it('has no test that a fourth profile in profiles/ would break', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(150);
    // All of them in a row, as a list or a message has them, is a count.
    const counts = (text: string): boolean => /describe\W{1,6}inventory\W{1,6}moderation/.test(text);
    expect(counts("['describe', 'inventory', 'moderation']")).toBe(true);
    expect(counts('There are: describe, inventory, moderation.')).toBe(true);
    const counting = files.filter((file) => counts(read(`test/${file}`)));
    expect(counting.sort()).toEqual(BUILT_IN_BY_NAME);
  });

  it('has its dependencies of every kind renewed, in commits of its own form', () => {
    const dependabot = read('.github/dependabot.yml');
    const kinds = [...dependabot.matchAll(/package-ecosystem: (\S+)/g)].map(([, kind]) => kind);
    expect(kinds.sort()).toEqual(['github-actions', 'npm', 'terraform']);
    const prefixes = [...dependabot.matchAll(/prefix: (\S+)/g)].map(([, prefix]) => prefix);
    for (const prefix of prefixes)
      expect(parseCommit('', `${prefix}(deps): bump a from 1.0.0 to 1.0.1`)).toBeDefined();
    const folders = readdirSync('terraform/modules').map(() => '/terraform/modules/*');
    expect(dependabot).toContain(`- ${folders[0]}`);
  });

  it('is written in American English', () => {
    const files = readdirSync('.', { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
      .flatMap((entry) =>
        entry.isDirectory()
          ? readdirSync(entry.name, { recursive: true, encoding: 'utf8' }).map(
              (one) => `${entry.name}/${one}`,
            )
          : [entry.name],
      )
      .filter((file) => /\.(tsx?|md|tf|yaml)$/.test(file) && !/(^|\/)(\.\w|node_modules\/)/.test(file))
      .filter((file) => file !== 'test/structure/repository.test.ts' && statSync(file).isFile());
    expect(files.length).toBeGreaterThan(1_000);
    expect(BRITISH.exec('Labelled')?.[0]).toBe('Labelled');
    const found = files.flatMap((file) =>
      [...read(file).matchAll(new RegExp(BRITISH, 'gi'))].map(([word]) => `${file}: ${word}`),
    );
    // A field that a person names may be in any English.
    expect(found).toEqual(['local/gemini/meaning.ts: colour', 'local/gemini/meaning.ts: colours']);
  });

  it('runs actions of others at exact commits only', () => {
    for (const name of readdirSync('.github/workflows')) {
      const used = [...read(`.github/workflows/${name}`).matchAll(/uses: (\S+)/g)].map(
        ([, action = '']) => action,
      );
      for (const action of used) expect(action, name).toMatch(/^\.\/|@[0-9a-f]{40}$/);
    }
  });

  it('links only to files that exist, from every page that greets people', () => {
    for (const page of [
      'SECURITY.md',
      'CONTRIBUTING.md',
      'docs/deploy.md',
      'docs/deploy-from-github.md',
      'terraform/README.md',
    ]) {
      const folder = page.replace(/[^/]+$/, '');
      for (const [, link = ''] of read(page).matchAll(/\]\((?!https?:|#|\.\.\/\.\.\/security)([^)#]+)/g))
        expect(() => read(`${folder}${link}`), `${page}: ${link}`).not.toThrow();
    }
  });
});
