import { describe } from 'vitest';
import { at, PROJECT } from './google/addresses.ts';
import { type Change, changed, set, without, withoutRole } from './google/examine.ts';
import { uriOf } from './google/functions.ts';
import { APPLY, tellsOf } from './google/rows.ts';

const variable = (fn: string, name: string, value: string | undefined): Change =>
  set(at.function(fn), `serviceConfig.environmentVariables.${name}`, value);

describe('pipeline doctor on what is kept and who watches', () => {
  tellsOf([
    ['the database', without(at.database), 'error', /^There is no database pictures-results\.$/, APPLY],
    [
      'a database of another kind',
      set(at.database, 'type', 'DATASTORE_MODE'),
      'error',
      /DATASTORE_MODE/,
      /--type=firestore-native$/,
    ],
    ['a database elsewhere', set(at.database, 'locationId', 'nam5'), 'warning', /lies in nam5/, APPLY],
    [
      'protection of the database',
      set(at.database, 'deleteProtectionState', 'DELETE_PROTECTION_DISABLED'),
      'warning',
      /deleted with one command/,
      /^gcloud firestore databases update --database=pictures-results --project=my-project-123 --delete-protection$/,
    ],
    [
      'older states',
      set(at.database, 'pointInTimeRecoveryEnablement', 'POINT_IN_TIME_RECOVERY_DISABLED'),
      'warning',
      /cannot be brought back/,
      /--enable-pitr$/,
    ],
    ['backups', set(at.backups, 'backupSchedules', []), 'warning', /not backed up/, APPLY],
    [
      'an expiry',
      changed(at.fields, (body) => {
        const { fields } = body as unknown as { fields: { name: string }[] };
        fields.splice(0, 1);
      }),
      'warning',
      /Documents of results are never deleted/,
      /^gcloud firestore fields ttls update expireAt --collection-group=results --enable-ttl/,
    ],
    [
      'an index',
      changed(at.indexes, (body) => (body as unknown as { indexes: object[] }).indexes.splice(0, 1)),
      'error',
      /^The index on results: profile, createdAt desc is missing: a query fails\.$/,
      APPLY,
    ],
    [
      'an index that is being built',
      changed(at.indexes, (body) =>
        Object.assign((body as unknown as { indexes: object[] }).indexes[0] ?? {}, { state: 'CREATING' }),
      ),
      'warning',
      /still being built/,
      /operations list/,
    ],
    [
      'an index that nobody needs',
      changed(at.indexes, (body) =>
        (body as unknown as { indexes: object[] }).indexes.push({
          name: `projects/${PROJECT}/databases/pictures-results/collectionGroups/results/indexes/OLD`,
          fields: [
            { fieldPath: 'color', order: 'ASCENDING' },
            { fieldPath: 'createdAt', order: 'DESCENDING' },
          ],
        }),
      ),
      'warning',
      /No query needs the index on results: color, createdAt desc/,
      /^gcloud firestore indexes composite delete OLD --database=pictures-results/,
    ],
    ['rules', without(at.release), 'warning', /no rules for browsers and phones/, APPLY],
    [
      'open rules',
      changed(at.ruleset, (body) =>
        Object.assign((body as unknown as { source: { files: object[] } }).source.files[0] ?? {}, {
          content:
            'service cloud.firestore { match /{d=**} { allow read: if true; allow write: if false; } }',
        }),
      ),
      'error',
      /let browsers and phones in/,
      APPLY,
    ],
    [
      'the key',
      without(`${at.secret}/versions/1`),
      'error',
      /has no version 1: pictures-analyze-image and pictures-batch cannot start/,
      /api_key_version/,
    ],
    [
      'a key that was switched off',
      set(`${at.secret}/versions/1`, 'state', 'DISABLED'),
      'error',
      /is disabled/,
      /^gcloud secrets versions enable 1 --secret=pictures-gemini-api-key/,
    ],
    [
      'the right to the key',
      withoutRole(`${at.secret}:getIamPolicy`, 'roles/secretmanager.secretAccessor', /analyze/),
      'error',
      /no roles\/secretmanager\.secretAccessor/,
      /^gcloud secrets add-iam-policy-binding/,
    ],
    ['the schedule', without(at.job), 'error', /stuck and parked pictures stay so/, APPLY],
    [
      'a paused schedule',
      set(at.job, 'state', 'PAUSED'),
      'error',
      /is paused/,
      /^gcloud scheduler jobs resume pictures-sweep --location=europe-west1/,
    ],
    [
      'a schedule that calls something else',
      set(at.job, 'httpTarget.uri', 'https://old.example'),
      'error',
      /calls https:\/\/old\.example/,
      new RegExp(`--uri=${uriOf('sweep')} `),
    ],
    [
      'a run that failed',
      set(at.job, 'status', { code: 7 }),
      'warning',
      /last run of pictures-sweep failed/,
      /logs read pictures-sweep/,
    ],
    [
      'a model that is gone',
      without(at.model('gemini-3.8-flash')),
      'error',
      /^Gemini does not know the model gemini-3\.8-flash\.$/,
      /shared\/profiles\/standard-ladder\.ts/,
    ],
    [
      'a pause',
      (answers) =>
        void answers.set(at.pause, {
          status: 200,
          body: {
            name: 'x',
            fields: {
              paused: { booleanValue: true },
              until: { nullValue: null },
              reason: { stringValue: 'too many executions' },
              code: { stringValue: 'PIPELINE_PAUSED' },
            },
          },
        }),
      'warning',
      /^The pipeline is paused until somebody lifts it: too many executions\.$/,
      /npx pipeline resume --project my-project-123/,
    ],
    [
      'the budget',
      set(at.budgets, 'budgets', []),
      'warning',
      /No budget watches my-project-123/,
      /billing_account = "0123AB-4567CD-89EF01"/,
    ],
    [
      'a budget that pauses nothing',
      changed(at.budgets, (body) =>
        Object.assign((body as unknown as { budgets: object[] }).budgets[0] ?? {}, { notificationsRule: {} }),
      ),
      'warning',
      /pauses nothing/,
      /billing_account/,
    ],
    ['alerts', set(at.alerts, 'alertPolicies', []), 'warning', /nobody hears of failures/, APPLY],
    [
      'whom alerts go to',
      set(at.channels, 'notificationChannels', []),
      'warning',
      /1 of 1 alerts tell nobody/,
      /alert_email/,
    ],
    [
      'a smaller quota than was said',
      changed(at.quota, (body) =>
        (
          body as unknown as { metrics: { consumerQuotaLimits: { quotaBuckets: object[] }[] }[] }
        ).metrics[0]?.consumerQuotaLimits[0]?.quotaBuckets.forEach((bucket) => {
          Object.assign(bucket, { effectiveLimit: '15' });
        }),
      ),
      'warning',
      /is set to 300 requests a minute, Google allows 15 for gemini/,
      /requests_per_minute = 15/,
    ],
    [
      'no quota at all',
      variable('analyze-image', 'MODEL_REQUESTS_PER_MINUTE', '0'),
      'warning',
      /does not know the model's quota/,
      /gemini\.requests_per_minute/,
    ],
  ]);
});
