import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../shared/base/config.ts';
import { documentedGrants } from './documented-grants.ts';
import { optionsOf } from './options.ts';
import { block, grantsOf, type PlanEvent, type Planned, planEvent, plannedResources } from './plan.ts';

/** Written by run.ts: the plans that `terraform test` made, as JSON. */
const file = process.env['TERRAFORM_PLANS'];
const plans: PlanEvent[] = file ? z.array(planEvent).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
/** Not of the stage alone, and not ended by a refused variable or by the guard. */
const ofTheWhole = plans.filter(
  (plan) => !/(stage|validation)\.tftest/.test(plan['@testfile']) && !/_is_refused_/.test(plan['@testrun']),
);

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];
const BASIC_ROLES = ['roles/owner', 'roles/editor', 'roles/viewer'];
/** Roles that let their holder act as, or make keys for, service accounts. */
const IMPERSONATION =
  /^roles\/(iam\.(serviceAccount|workloadIdentity)|deploymentmanager\.editor|cloudbuild\.builds)/;

const ofType = (resources: readonly Planned[], ...types: string[]) =>
  resources.filter(({ type }) => types.includes(type));

const addresses = (list: readonly { address: string }[]) => list.map(({ address }) => address);

/** Has the form that every secret of ours accepts. */
const A_SECRET = `whsec_${Buffer.alloc(32, 'a').toString('base64')}`;

describe.runIf(file)('the plans', () => {
  it('exist', () => expect(ofTheWhole.length).toBeGreaterThan(10));
});

describe.runIf(file).each(ofTheWhole.map((plan) => [plan['@testrun'], plan] as const))(
  'the plan of %s',
  (_, plan) => {
    const resources = plannedResources(plan);
    const grants = grantsOf(resources);
    const onProject = grants.filter(({ type }) => type.startsWith('google_project_iam'));
    const buckets = ofType(resources, 'google_storage_bucket');
    const functions = ofType(resources, 'google_cloudfunctions2_function');
    const publicOf = (type: string) =>
      addresses(
        grants.filter((one) => one.type.startsWith(type) && PUBLIC.some((name) => one.member.includes(name))),
      );

    it('CKV_GCP_29: buckets have uniform access', () => {
      expect(buckets.length).toBeGreaterThan(0);
      expect(addresses(buckets.filter(({ after }) => after['uniform_bucket_level_access'] !== true))).toEqual(
        [],
      );
    });

    it('CKV_GCP_114: buckets prevent public access', () => {
      expect(
        addresses(buckets.filter(({ after }) => after['public_access_prevention'] !== 'enforced')),
      ).toEqual([]);
    });

    it('CKV_GCP_28: no bucket is public', () => expect(publicOf('google_storage_bucket')).toEqual([]));

    it('CKV_GCP_78: buckets keep versions', () => {
      expect(
        addresses(buckets.filter(({ after }) => block(after, 'versioning')['enabled'] !== true)),
      ).toEqual([]);
    });

    it('CKV_GCP_124: functions are internal, but for an api that somebody is listed for', () => {
      const isListed = addresses(resources).some((address) => address.includes('api_invoker'));
      const open = functions.filter(
        ({ after }) => block(after, 'service_config')['ingress_settings'] !== 'ALLOW_INTERNAL_ONLY',
      );
      expect(addresses(open).map((address) => address.replace('module.pipeline.', ''))).toEqual(
        isListed ? ['module.function["api"].google_cloudfunctions2_function.this'] : [],
      );
    });

    it('CKV_GCP_107: no function is public', () => expect(publicOf('google_cloudfunctions')).toEqual([]));

    it('CKV_GCP_102: no Cloud Run service is public', () => expect(publicOf('google_cloud_run')).toEqual([]));

    it('CKV_GCP_99: no topic is public', () => expect(publicOf('google_pubsub')).toEqual([]));

    it('CKV_GCP_41: nobody may use or sign for every service account of the project', () => {
      expect(onProject.filter(({ role }) => role.startsWith('roles/iam.serviceAccount'))).toEqual([]);
    });

    it('CKV_GCP_49: no role of the project lets its holder become another account', () => {
      expect(onProject.filter(({ role }) => IMPERSONATION.test(role))).toEqual([]);
    });

    it('CKV_GCP_42: no account is an administrator', () => {
      expect(grants.filter(({ role }) => /admin/i.test(role))).toEqual([]);
    });

    it('CKV_GCP_46: no default account is granted anything or runs anything', () => {
      const isDefault = (text: string) => /-compute@developer|@appspot/.test(text);
      expect(grants.filter(({ member }) => isDefault(member))).toEqual([]);
      for (const { after } of functions) {
        const accounts = [
          block(after, 'service_config')['service_account_email'],
          block(after, 'build_config')['service_account'],
        ].map((account) => String(account ?? ''));
        for (const account of accounts) expect(account).toMatch(/pictures-[a-z-]+@my-project-123\.iam/);
      }
    });

    it('CKV_GCP_117: no basic role is granted', () => {
      expect(grants.filter(({ role }) => BASIC_ROLES.includes(role))).toEqual([]);
    });

    it('makes no key of an account, and grants nothing to a person', () => {
      expect(addresses(ofType(resources, 'google_service_account_key'))).toEqual([]);
      expect(grants.filter(({ member }) => member.startsWith('user:'))).toEqual([]);
    });

    it('gives each function an account of its own', () => {
      const accounts = functions.map(({ after }) => block(after, 'service_config')['service_account_email']);
      expect(new Set(accounts).size).toBe(functions.length);
    });

    it('keeps the database role to this database', () => {
      const wide = onProject.filter(
        ({ role, hasCondition }) => role === 'roles/datastore.user' && !hasCondition,
      );
      expect(wide).toEqual([]);
    });

    it('grants only what terraform/README.md lists', () => {
      const documented = documentedGrants();
      const missing = grants
        .map(({ member, role }) => `${shortName(member)} ${role}`)
        .filter((grant) => !documented.has(grant));
      expect([...new Set(missing)]).toEqual([]);
    });

    it('gives each function variables that it accepts', async () => {
      for (const { after } of functions) {
        const name = String(block(after, 'build_config')['entry_point']);
        const service = block(after, 'service_config');
        const secrets = (service['secret_environment_variables'] ?? []) as { key: string }[];
        const environment = {
          ...(service['environment_variables'] as Record<string, string>),
          ...Object.fromEntries(secrets.map(({ key }) => [key, A_SECRET])),
        };
        const { variables, invariants } = await optionsOf(name);
        expect(() => loadConfig(variables, environment, invariants), name).not.toThrow();
      }
    });

    it('names secrets shortly, as Cloud Functions demands', () => {
      const names = functions.flatMap(({ after }) =>
        ((block(after, 'service_config')['secret_environment_variables'] ?? []) as { secret?: string }[]).map(
          ({ secret }) => secret,
        ),
      );
      expect(names.filter((name) => !name?.startsWith('pictures-'))).toEqual([]);
    });

    it('writes no zero into the dashboard: Google leaves it out, and every plan would change it', () => {
      const [dashboard] = ofType(resources, 'google_monitoring_dashboard');
      const { mosaicLayout } = JSON.parse(String(dashboard?.after['dashboard_json'])) as {
        mosaicLayout: { tiles: object[] };
      };
      expect(mosaicLayout.tiles.length).toBeGreaterThan(5);
      expect(mosaicLayout.tiles.filter((tile) => Object.values(tile).includes(0))).toEqual([]);
    });

    it("watches the pipeline's own metrics with conditions that hold before there is a metric", () => {
      const policies = ofType(resources, 'google_monitoring_alert_policy');
      const conditions = policies.map(({ address, after }) => ({ address, ...block(after, 'conditions') }));
      const own = conditions.filter((condition) => /logging[._]googleapis/.test(JSON.stringify(condition)));
      expect(own.length).toBeGreaterThan(4);
      expect(
        addresses(
          own.filter(
            (condition) =>
              block(condition, 'condition_prometheus_query_language')['disable_metric_validation'] !== true,
          ),
        ),
      ).toEqual([]);
    });

    it('can delete a notification channel that alerts still name', () => {
      const channels = ofType(resources, 'google_monitoring_notification_channel');
      expect(addresses(channels.filter(({ after }) => after['force_delete'] !== true))).toEqual([]);
    });

    it('labels everything that can carry labels', () => {
      const bare = resources.filter(
        ({ after, type }) =>
          'labels' in after &&
          type !== 'google_monitoring_notification_channel' &&
          (after['labels'] as Record<string, string> | null)?.['pipeline'] !== 'pictures',
      );
      expect(addresses(bare)).toEqual([]);
    });
  },
);

describe.runIf(file)('a second plan after the apply', () => {
  it('changes nothing', () => {
    const second = plans.find((plan) => plan['@testrun'] === 'a_second_plan_after_the_apply');
    const changed = second
      ? plannedResources(second).filter(({ actions }) => actions.join() !== 'no-op')
      : [];
    expect(second).toBeDefined();
    expect(addresses(changed)).toEqual([]);
  });
});

describe.runIf(file)('terraform/README.md', () => {
  it('lists no grant that is not made', () => {
    const made = new Set(
      ofTheWhole.flatMap((plan) =>
        grantsOf(plannedResources(plan)).map(({ member, role }) => `${shortName(member)} ${role}`),
      ),
    );
    expect([...documentedGrants()].filter((grant) => !made.has(grant))).toEqual([]);
  });
});

/** `pictures-api` of our own accounts, the agent's domain of Google's, `api_invokers` of listed callers. */
function shortName(member: string): string {
  const [, name = '', domain = ''] = /^serviceAccount:([^@]+)@(.+)$/.exec(member) ?? [];
  if (domain === 'my-project-123.iam.gserviceaccount.com') return name;
  if (domain === 'system.gserviceaccount.com') return name;
  return domain === '' || domain === 'example.com'
    ? 'api_invokers'
    : domain.replace('.iam.gserviceaccount.com', '');
}
