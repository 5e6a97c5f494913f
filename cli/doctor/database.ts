import { z } from 'zod';
import { EXPIRING } from '../../local/topology.ts';
import { APPLY, broken, error, type Finding, ok, orAllWell, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { examineIndexes } from './indexes.ts';
import type { Names } from './names.ts';

const databaseShape = z.looseObject({
  type: z.string().optional(),
  locationId: z.string().default(''),
  deleteProtectionState: z.string().optional(),
  pointInTimeRecoveryEnablement: z.string().optional(),
});

type Database = z.infer<typeof databaseShape>;

const schedule = z.looseObject({ name: z.string().optional() });
const field = z.looseObject({
  name: z.string(),
  ttlConfig: z.looseObject({ state: z.string().optional() }).optional(),
});

const FIELD = /\/collectionGroups\/([^/]+)\/fields\/(.+)$/;

/** The database: its protection, expiry, backups, and the indexes of the queries. */
export async function examineDatabase(api: GoogleApi, names: Names): Promise<Finding[]> {
  const { database, databasePath } = names;
  const looked = await api.get(`https://firestore.googleapis.com/v1/${databasePath}`, databaseShape);
  if (looked.state === 'missing') return [error(`There is no database ${database}.`, APPLY)];
  if (looked.state === 'unseen') return [unseenOf(`the database ${database}`, looked)];
  const [expiry, backups, indexes] = await Promise.all([
    examineExpiry(api, names),
    examineBackups(api, names),
    examineIndexes(api, names),
  ]);
  return [
    ...orAllWell(
      [...databaseRules(names, looked.value), ...backups],
      `${database} is protected, keeps every state for days and is backed up.`,
    ),
    ...expiry,
    ...indexes,
  ];
}

function databaseRules({ database, project, region }: Names, found: Database): Finding[] {
  const update = `gcloud firestore databases update --database=${database} --project=${project}`;
  return broken([
    {
      holds: found.type === undefined || found.type === 'FIRESTORE_NATIVE',
      otherwise: error(
        `${database} is in ${found.type}, the pipeline needs native mode.`,
        `${update} --type=firestore-native`,
      ),
    },
    {
      holds: found.locationId === region,
      otherwise: warning(`${database} lies in ${found.locationId}, the functions in ${region}.`, APPLY),
    },
    {
      holds: found.deleteProtectionState === 'DELETE_PROTECTION_ENABLED',
      otherwise: warning(`${database} can be deleted with one command.`, `${update} --delete-protection`),
    },
    {
      holds: found.pointInTimeRecoveryEnablement === 'POINT_IN_TIME_RECOVERY_ENABLED',
      otherwise: warning(`Older states of ${database} cannot be brought back.`, `${update} --enable-pitr`),
    },
  ]);
}

async function examineBackups(api: GoogleApi, { database, databasePath }: Names): Promise<Finding[]> {
  const looked = await api.list(
    `https://firestore.googleapis.com/v1/${databasePath}/backupSchedules`,
    'backupSchedules',
    schedule,
  );
  if (looked.state === 'unseen') return [unseenOf(`the backups of ${database}`, looked)];
  return broken([
    {
      holds: looked.state === 'found' && looked.value.length > 0,
      otherwise: warning(`${database} is not backed up.`, APPLY),
    },
  ]);
}

async function examineExpiry(api: GoogleApi, { database, databasePath, project }: Names): Promise<Finding[]> {
  const looked = await api.list(
    `https://firestore.googleapis.com/v1/${databasePath}/collectionGroups/-/fields?filter=${encodeURIComponent('ttlConfig:*')}`,
    'fields',
    field,
  );
  if (looked.state === 'missing') return [];
  if (looked.state === 'unseen') return [unseenOf(`the expiry in ${database}`, looked)];
  const states = new Map(
    looked.value.map(({ name, ttlConfig }) => {
      const [, collection = '', path = ''] = FIELD.exec(name) ?? [];
      return [`${collection}.${path}`, ttlConfig?.state ?? 'ACTIVE'];
    }),
  );
  const off = EXPIRING.filter((collection) => !states.has(`${collection}.expireAt`));
  const failed = EXPIRING.filter((collection) => states.get(`${collection}.expireAt`) === 'NEEDS_REPAIR');
  if (off.length + failed.length === 0)
    return [ok(`What is out of date is deleted automatically (${EXPIRING.length} collections).`)];
  return [...off, ...failed].map((collection) =>
    warning(
      `Documents of ${collection} are never deleted: expireAt ${off.includes(collection) ? 'does not end them' : 'is to be repaired'}.`,
      `gcloud firestore fields ttls update expireAt --collection-group=${collection} --enable-ttl --database=${database} --project=${project}`,
    ),
  );
}
