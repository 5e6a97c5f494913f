import { describe, expect, it } from 'vitest';
import { at, PROJECT } from './google/addresses.ts';
import { changed, examined, set, without, withoutRole, withRole } from './google/examine.ts';
import { tellsOf } from './google/rows.ts';

describe('pipeline doctor on the project', () => {
  tellsOf([
    [
      'the project',
      without(at.project),
      'error',
      /^There is no project my-project-123\.$/,
      /^gcloud projects list$/,
    ],
    [
      'a project that is being deleted',
      set(at.project, 'state', 'DELETE_REQUESTED'),
      'error',
      /is DELETE_REQUESTED/,
      /^gcloud projects undelete/,
    ],
    [
      'an API',
      changed(at.apis, (body) => {
        const { services } = body as unknown as { services: { name: string; state: string }[] };
        for (const service of services) if (/run|pubsub/.test(service.name)) service.state = 'DISABLED';
      }),
      'error',
      /^pubsub\.googleapis\.com and run\.googleapis\.com are not enabled\.$/,
      /^gcloud services enable pubsub\.googleapis\.com run\.googleapis\.com --project=my-project-123$/,
    ],
    [
      'a role on the database',
      withoutRole(at.projectRoles, 'roles/datastore.user', /analyze-image/),
      'error',
      /^pictures-analyze-image@.* has no roles\/datastore\.user on the database pictures-results\.$/,
      /--condition='title=only_pictures_results,expression=resource\.name == "projects\/my-project-123\/databases\/pictures-results"'$/,
    ],
    [
      'a role of the build',
      withoutRole(at.projectRoles, 'roles/logging.logWriter', /build/),
      'error',
      /pictures-build@.* has no roles\/logging\.logWriter on the project/,
      /^gcloud projects add-iam-policy-binding my-project-123 --member=serviceAccount:pictures-build@\S+ --role=roles\/logging\.logWriter --condition=None$/,
    ],
    [
      "Google's account of Pub/Sub on a new project",
      withoutRole(at.projectRoles, 'roles/pubsub.serviceAgent', /gcp-sa-pubsub/),
      'warning',
      /^service-123456789012@gcp-sa-pubsub\S+ has no roles\/pubsub\.serviceAgent on the project\. On a new project it does not exist yet/,
      /^gcloud beta services identity create --service=pubsub\.googleapis\.com --project=my-project-123$/,
    ],
    [
      'a basic role too many',
      withRole(
        at.projectRoles,
        'roles/editor',
        `serviceAccount:pictures-api@${PROJECT}.iam.gserviceaccount.com`,
      ),
      'warning',
      /pictures-api@.* has roles\/editor on the whole project/,
      /^gcloud projects remove-iam-policy-binding/,
    ],
  ]);
});

describe('pipeline doctor', () => {
  it('finds nothing wrong with what terraform apply makes', async () => {
    const { wrong, findings } = await examined();
    expect(wrong).toEqual([]);
    expect(findings.length).toBeGreaterThan(25);
  });

  it('only ever reads', async () => {
    const { asked } = await examined();
    const posts = asked.filter((line) => !line.startsWith('GET '));
    expect(posts.filter((line) => !line.endsWith(':getIamPolicy'))).toEqual([]);
    expect(asked.filter((line) => line.includes(':access'))).toEqual([]);
  });

  it('says of the functions where they are, not where they might be', async () => {
    const { asked } = await examined(set(at.bucket('uploads'), 'location', 'US-EAST1'));
    expect(asked.some((line) => line.includes('/locations/us-east1/functions/pictures-api'))).toBe(true);
  });
});
