import { describe, expect, it } from 'vitest';
import { at, PROJECT } from './google/addresses.ts';
import { all, type Change, examined, set } from './google/examine.ts';
import { disabled, forbidden } from './google/server.ts';

const variable = (fn: string, name: string, value: string | undefined): Change =>
  set(at.function(fn), `serviceConfig.environmentVariables.${name}`, value);

describe('pipeline doctor without permission', () => {
  it.each([
    ['a bucket', at.bucket('uploads'), 'storage.buckets.get', 'roles/storage.bucketViewer'],
    ['the functions', at.function('api'), 'cloudfunctions.functions.get', 'roles/cloudfunctions.viewer'],
    ['the database', at.database, 'datastore.databases.get', 'roles/datastore.viewer'],
    ['the APIs', at.apis, 'serviceusage.services.list', 'roles/serviceusage.serviceUsageViewer'],
    ['the quota', at.quota, 'serviceusage.quotas.get', 'roles/servicemanagement.quotaViewer'],
    ['roles', at.projectRoles, 'resourcemanager.projects.getIamPolicy', 'roles/browser'],
    ['a service', `${at.service('api')}:getIamPolicy`, 'run.services.getIamPolicy', 'roles/run.viewer'],
    ['the secret', `${at.secret}/versions/1`, 'secretmanager.versions.get', 'roles/secretmanager.viewer'],
    ['the schedule', at.job, 'cloudscheduler.jobs.get', 'roles/cloudscheduler.viewer'],
    ['alerts', at.alerts, 'monitoring.alertPolicies.list', 'roles/monitoring.viewer'],
  ])('says that it could not look at %s, and which role it needs', async (_, address, permission, role) => {
    const { wrong } = await examined((answers) => void answers.set(address, forbidden(permission)));
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(new RegExp(`^Could not look at .*: needs ${role} \\(${permission}\\)\\.$`)),
      fix: `gcloud projects add-iam-policy-binding ${PROJECT} --member="user:$(gcloud config get account)" --role=${role} --condition=None`,
    });
  });

  it('names the billing account where that is what it may not see', async () => {
    const { wrong } = await examined(
      (answers) => void answers.set(at.budgets, forbidden('billing.budgets.list')),
    );
    expect(wrong).toMatchObject([
      { fix: expect.stringMatching(/^gcloud billing accounts add-iam-policy-binding 0123AB-4567CD-89EF01 /) },
    ]);
  });

  it('says once what one missing role hides', async () => {
    const { topics } = await examined((answers) => {
      for (const address of answers.keys())
        if (address.startsWith('GET pubsub.')) answers.set(address, forbidden('pubsub.topics.get'));
    });
    const subscriptions = topics.find(({ topic }) => topic === 'Subscriptions');
    expect(subscriptions?.findings.filter(({ unseen }) => unseen)).toHaveLength(2);
  });

  it('says which API is off that would tell', async () => {
    const { wrong } = await examined(
      (answers) => void answers.set(at.job, disabled('cloudscheduler.googleapis.com')),
    );
    expect(wrong).toMatchObject([
      {
        text: 'Could not look at the schedule pictures-sweep: the API cloudscheduler.googleapis.com is not enabled.',
        fix: 'gcloud services enable cloudscheduler.googleapis.com --project=my-project-123',
      },
    ]);
  });

  it('looks no further when nobody is signed in', async () => {
    const { topics, asked } = await examined(
      (answers) =>
        void answers.set(at.project, {
          status: 401,
          body: { error: { code: 401, message: 'Request had invalid authentication credentials.' } },
        }),
    );
    expect(topics).toHaveLength(1);
    expect(topics[0]?.findings).toMatchObject([
      { text: expect.stringContaining('no longer valid'), fix: 'gcloud auth application-default login' },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('survives answers of another form and servers in trouble', async () => {
    const { wrong } = await examined((answers) => {
      answers.set(at.database, { status: 200, body: ['odd'] });
      answers.set(at.job, { status: 503, body: 'Service Unavailable' });
    });
    expect(wrong.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^Could not look at the database pictures-results: Google's answer has another form/,
      ),
      'Could not look at the schedule pictures-sweep: cloudscheduler.googleapis.com answered 503.',
    ]);
  });

  it('sees nothing at all and still comes to an end', async () => {
    const { wrong, topics } = await examined((answers) => {
      for (const address of answers.keys()) answers.set(address, forbidden('x.y.get'));
    });
    expect(wrong.every(({ unseen }) => unseen !== undefined)).toBe(true);
    expect(topics.length).toBeGreaterThan(10);
  });
});

describe('pipeline doctor with an API key', () => {
  it('tells when Gemini refuses the key, once', async () => {
    const refusal = {
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'API_KEY_INVALID',
              domain: 'googleapis.com',
            },
          ],
        },
      },
    };
    const { wrong } = await examined(
      (answers) => {
        for (const address of answers.keys()) if (address.includes('/models/')) answers.set(address, refusal);
      },
      { apiKey: 'wrong' },
    );
    expect(wrong).toMatchObject([
      { severity: 'error', text: 'Gemini refuses the API key of GEMINI_API_KEY.' },
    ]);
  });

  it('asks Vertex AI where the functions do, and for what they need there', async () => {
    const { asked, wrong } = await examined(
      all(
        variable('analyze-image', 'GEMINI_BACKEND', 'vertex'),
        variable('analyze-image', 'GEMINI_LOCATION', 'europe-west1'),
        set(at.function('analyze-image'), 'serviceConfig.secretEnvironmentVariables', []),
      ),
    );
    expect(asked).toContain(
      'GET europe-west1-aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-3.8-flash',
    );
    expect(asked.some((line) => line.includes('generativelanguage.googleapis.com/v1beta/models'))).toBe(
      false,
    );
    expect(wrong.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'aiplatform.googleapis.com is not enabled.',
        expect.stringMatching(/^pictures-analyze-image@.* has no roles\/aiplatform\.user on the project/),
        expect.stringMatching(/gcp-sa-aiplatform\S+ has no roles\/aiplatform\.serviceAgent on the project/),
      ]),
    );
  });

  it('asks Vertex AI of several regions under their own name', async () => {
    const { asked } = await examined(
      all(
        variable('analyze-image', 'GEMINI_BACKEND', 'vertex'),
        variable('analyze-image', 'GEMINI_LOCATION', 'eu'),
      ),
    );
    expect(asked).toContain(
      'GET aiplatform.eu.rep.googleapis.com/v1beta1/publishers/google/models/gemini-3.8-flash',
    );
  });

  it('asks both where one stands in for the other', async () => {
    const { asked } = await examined(variable('analyze-image', 'VERTEX_FAILOVER', 'true'));
    expect(asked).toContain(
      'GET aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-3.8-flash',
    );
    expect(asked).toContain('GET generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash');
  });
});
