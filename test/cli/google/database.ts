import { codeData } from '../../../build/terraform-data.ts';
import { EXPIRING } from '../../../local/topology.ts';
import { at, DATABASE, PROJECT, REGION } from './addresses.ts';

/** The database with what belongs to it; the indexes are those that the code needs. */
export async function databaseAnswers(): Promise<Record<string, unknown>> {
  const { indexes } = await codeData();
  return {
    [at.database]: {
      name: DATABASE,
      uid: '5d',
      locationId: REGION,
      type: 'FIRESTORE_NATIVE',
      concurrencyMode: 'OPTIMISTIC',
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
      deleteProtectionState: 'DELETE_PROTECTION_ENABLED',
    },
    [at.fields]: {
      fields: EXPIRING.map((collection) => ({
        name: `${DATABASE}/collectionGroups/${collection}/fields/expireAt`,
        indexConfig: {},
        ttlConfig: { state: 'ACTIVE' },
      })),
    },
    [at.indexes]: {
      indexes: indexes.map(({ collectionGroup, queryScope, fields }, i) => ({
        name: `${DATABASE}/collectionGroups/${collectionGroup}/indexes/CICAgJiUpoM${i}`,
        queryScope,
        fields: [...fields, { fieldPath: '__name__', order: 'DESCENDING' }],
        state: 'READY',
        density: 'SPARSE_ALL',
      })),
    },
    [at.backups]: {
      backupSchedules: [
        { name: `${DATABASE}/backupSchedules/9`, retention: '2419200s', dailyRecurrence: {} },
      ],
    },
    [at.release]: {
      name: `projects/${PROJECT}/releases/cloud.firestore/pictures-results`,
      rulesetName: `projects/${PROJECT}/rulesets/1f2e`,
    },
    [at.ruleset]: {
      name: `projects/${PROJECT}/rulesets/1f2e`,
      source: {
        files: [
          {
            name: 'firestore.rules',
            content: 'service cloud.firestore { match /{d=**} { allow read, write: if false; } }',
          },
        ],
      },
    },
  };
}
