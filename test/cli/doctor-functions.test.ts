import { describe, expect, it } from 'vitest';
import { at } from './google/addresses.ts';
import { all, examined, set, without, withoutRole, withRole } from './google/examine.ts';
import { APPLY, tellsOf } from './google/rows.ts';

const RESIZE = at.function('resize-image');
const ANALYZE = at.function('analyze-image');

describe('pipeline doctor on functions', () => {
  tellsOf([
    [
      'a function',
      without(at.function('sweep'), at.service('sweep')),
      'error',
      /no function pictures-sweep in europe-west1/,
      /^npm run build && terraform/,
    ],
    [
      'a function that was not built',
      all(
        set(RESIZE, 'state', 'FAILED'),
        set(RESIZE, 'stateMessages', [
          { severity: 'ERROR', type: 'CloudRunServiceNotFound', message: 'Build failed: npm ci' },
        ]),
      ),
      'error',
      /pictures-resize-image is FAILED \(Build failed: npm ci\)/,
      /^gcloud functions describe pictures-resize-image --region=europe-west1 --project=my-project-123$/,
    ],
    [
      'a runtime that ends',
      set(RESIZE, 'buildConfig.runtime', 'nodejs22'),
      'warning',
      /runs on nodejs22, not on nodejs24/,
      APPLY,
    ],
    [
      'an old revision that serves',
      set(RESIZE, 'serviceConfig.allTrafficOnLatestRevision', false),
      'warning',
      /all requests to its latest revision/,
      /update-traffic pictures-resize-image --to-latest/,
    ],
    [
      'a function of the default account',
      set(RESIZE, 'serviceConfig.serviceAccountEmail', '123456789012-compute@developer.gserviceaccount.com'),
      'error',
      /runs as 123456789012-compute@/,
      /--service-account=pictures-resize-image@/,
    ],
    [
      'a build by another account',
      set(RESIZE, 'buildConfig.serviceAccount', undefined),
      'warning',
      /not built by pictures-build@/,
      APPLY,
    ],
    [
      'a function open to the internet',
      set(RESIZE, 'serviceConfig.ingressSettings', 'ALLOW_ALL'),
      'error',
      /reached from the internet/,
      /--ingress=internal/,
    ],
    [
      'too little cpu',
      set(ANALYZE, 'serviceConfig.availableCpu', '0.5'),
      'error',
      /takes 15 requests at once with 0\.5 cpu/,
      /--cpu=1/,
    ],
    [
      'too little memory',
      set(at.function('api'), 'serviceConfig.availableMemory', '256M'),
      'error',
      /has 244 MiB of memory/,
      /--memory=512Mi/,
    ],
    [
      'a limit of instances',
      set(at.function('api'), 'serviceConfig.maxInstanceCount', undefined),
      'error',
      /no limit of instances/,
      /--max-instances=10/,
    ],
    [
      'a service that is not ready',
      set(at.service('api'), 'terminalCondition', {
        type: 'Ready',
        state: 'CONDITION_FAILED',
        message: 'The container failed to start.',
      }),
      'error',
      /not ready: The container failed to start\./,
      /^gcloud run services logs read pictures-api/,
    ],
    [
      'a service that asks nobody who he is',
      set(at.service('sweep'), 'invokerIamDisabled', true),
      'error',
      /lets everybody call it/,
      /--invoker-iam-check/,
    ],
    [
      'the right to deliver',
      withoutRole(`${at.service('analyze-image')}:getIamPolicy`, 'roles/run.invoker', /push/),
      'error',
      /every message is refused \(403\)/,
      /^gcloud run services add-iam-policy-binding pictures-analyze-image .*--member=serviceAccount:pictures-analyze-image-push@\S+ --role=roles\/run\.invoker$/,
    ],
    [
      'callers of the api',
      withoutRole(`${at.service('api')}:getIamPolicy`, 'roles/run.invoker', /group/),
      'warning',
      /Nobody may call pictures-api/,
      /api_invokers/,
    ],
    [
      'a public service',
      withRole(`${at.service('api')}:getIamPolicy`, 'roles/run.invoker', 'allUsers'),
      'error',
      /open to allUsers/,
      /remove-iam-policy-binding pictures-api/,
    ],
    [
      'the repository of images',
      without(at.repository, `${at.repository}:getIamPolicy`),
      'error',
      /no repository pictures-functions/,
      APPLY,
    ],
  ]);
});

describe('pipeline doctor after a rollout', () => {
  const fixed = (...served: [revision: string, percent: number][]) =>
    all(
      set(RESIZE, 'serviceConfig.allTrafficOnLatestRevision', false),
      set(
        at.service('resize-image'),
        'latestReadyRevision',
        'projects/p/locations/l/services/s/revisions/r-2',
      ),
      set(
        at.service('resize-image'),
        'trafficStatuses',
        served.map(([revision, percent]) => ({
          type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
          revision,
          percent,
        })),
      ),
    );

  it('finds nothing wrong with traffic that is fixed to the latest revision', async () => {
    expect((await examined(fixed(['r-2', 100], ['r-1', 0]))).wrong).toEqual([]);
  });

  it('tells of traffic that a rollout left on the revision before', async () => {
    const { wrong } = await examined(fixed(['r-2', 10], ['r-1', 90]));
    expect(wrong.map(({ text }) => text)).toEqual([
      'pictures-resize-image does not send all requests to its latest revision.',
    ]);
  });
});
