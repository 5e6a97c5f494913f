import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLAN_READS } from './plan-reads.ts';

const read = (file: string) => readFileSync(file, 'utf8');

const page = read('docs/deploy-from-github.md');
const workflows = readdirSync('.github/workflows').map((name) => read(`.github/workflows/${name}`));
const terraform = readdirSync('terraform', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tf') && !file.includes('.terraform/'))
  .map((file) => read(`terraform/${file}`));

describe('sign-in from GitHub', () => {
  const granted = [...page.matchAll(/\/subject\/(repository:\$REPOSITORY_ID:environment:(\w+))"/g)];

  it('knows a repository by its number and a job by its environment, never by names that change', () => {
    const [, mapping = ''] = /--attribute-mapping="([^"]+)"/.exec(page) ?? [];
    const [, condition = ''] = /--attribute-condition="([^"]+)"/.exec(page) ?? [];
    const claims = [...`${mapping} ${condition}`.matchAll(/assertion\.(\w+)/g)].map(([, claim]) => claim);
    expect(new Set(claims)).toEqual(new Set(['repository_id', 'environment']));
    expect(condition).toContain("assertion.repository_id=='$REPOSITORY_ID'");
    expect(subjectOf(mapping, { repository_id: '42', environment: 'plan' })).toBe(
      granted[0]?.[1]?.replace('$REPOSITORY_ID', '42'),
    );
  });

  it('gives each account to one environment, and nothing to a whole repository', () => {
    expect(granted.map(([, , environment]) => environment)).toEqual(['plan', 'production']);
    expect(page.match(/roles\/iam\.workloadIdentityUser/g)).toHaveLength(granted.length);
    expect(page).not.toMatch(/--member="principalSet:/);
  });

  it('finds each job that asks for a token in an environment that Google admits', () => {
    const asking = workflows.flatMap((workflow) =>
      workflow.split(/^ {2}(?=[\w-]+:$)/m).filter((job) => job.includes('id-token: write')),
    );
    const environments = asking.map((job) => /^ {4}environment: (\w+)$/m.exec(job)?.[1]);
    expect(environments.sort()).toEqual(['plan', 'production']);
  });
});

describe('the account of plans', () => {
  const role = [...read('.github/plan-role.yaml').matchAll(/^ {2}- (\S+)$/gm)].map(
    ([, permission]) => permission,
  );
  const kinds = new Set(
    terraform.flatMap((text) =>
      [...text.matchAll(/^(?:resource|data) "(google_\w+)"/gm)].map(([, kind = '']) => kind),
    ),
  );

  it('may read every kind of resource, and nothing that no resource needs', () => {
    expect(Object.keys(PLAN_READS).sort()).toEqual([...kinds].sort());
    const needed = new Set(['serviceusage.services.use', ...Object.values(PLAN_READS).flat()]);
    expect(role).toEqual([...needed].sort());
  });

  it('reads no picture, document, message, log or secret, and acts as nobody', () => {
    const readsContent =
      /^storage\.objects|entities|versions\.access|\.consume|logEntries|views|actAs|getAccessToken|signBlob/;
    expect(role.filter((permission) => readsContent.test(permission ?? ''))).toEqual([]);
    expect(role.filter((permission) => !/\.(get\w*|list|use)$/.test(permission ?? ''))).toEqual([]);
    const [, plan = ''] = /gcloud iam service-accounts create ci-plan\n([\s\S]*?)\n\n/.exec(page) ?? [];
    expect([...plan.matchAll(/--role=(\S+)/g)].map(([, one]) => one)).toEqual([
      'projects/$PROJECT/roles/pipelinePlan',
      'roles/storage.objectViewer',
      'roles/iam.workloadIdentityUser',
    ]);
    expect(plan).toContain('gs://$PROJECT-pictures-source --role=roles/storage.objectViewer');
  });
});

describe('the providers', () => {
  it('are those that the configuration was tried with, in every module', () => {
    const [, google = '', archive = ''] =
      /google (\d+\.\d+\.\d+) and archive (\d+\.\d+\.\d+)/.exec(
        read('terraform/README.md').replace(/\s+/g, ' '),
      ) ?? [];
    const asked = terraform.flatMap((text) => [
      ...text.matchAll(/source += "hashicorp\/(\w+)"\n\s+version += "([^"]+)"/g),
    ]);
    expect(asked.length).toBeGreaterThan(0);
    for (const [, name, version] of asked)
      expect([name, version]).toEqual([name, `~> ${name === 'google' ? google : archive}`]);
  });

  it.each(['plan.yml', 'deploy.yml'])('are taken from the lock file as it is by %s', (name) => {
    const workflow = read(`.github/workflows/${name}`);
    expect(workflow).toContain('[ ! -f .terraform.lock.hcl ] || readonly=(-lockfile=readonly)');
    expect(workflow).toMatch(/terraform init .*"\$\{readonly\[@\]\}"/);
  });
});

/** The subject that a mapping makes of a token's claims: quoted text and claims, joined by plus signs. */
function subjectOf(mapping: string, claims: Readonly<Record<string, string>>): string {
  const [, expression = ''] = /google\.subject=([^,]+)/.exec(mapping) ?? [];
  return expression
    .split(' + ')
    .map((part) => (part.startsWith("'") ? part.slice(1, -1) : claims[part.replace('assertion.', '')]))
    .join('');
}
