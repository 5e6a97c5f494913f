import { z } from 'zod';
import { codeData } from '../../build/terraform-data.ts';
import { APPLY, error, type Finding, ok, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';

const indexShape = z.looseObject({
  name: z.string(),
  queryScope: z.string().optional(),
  state: z.string().default('READY'),
  fields: z
    .array(
      z.looseObject({
        fieldPath: z.string(),
        order: z.string().optional(),
        arrayConfig: z.string().optional(),
      }),
    )
    .default([]),
});

type DeployedIndex = z.infer<typeof indexShape>;
type NeededIndex = Awaited<ReturnType<typeof codeData>>['indexes'][number];

/** Whether the database has an index for each query of the code. */
export async function examineIndexes(api: GoogleApi, names: Names): Promise<Finding[]> {
  const { indexes: needed } = await codeData();
  const looked = await api.list(
    `https://firestore.googleapis.com/v1/${names.databasePath}/collectionGroups/-/indexes`,
    'indexes',
    indexShape,
  );
  if (looked.state === 'missing') return [];
  if (looked.state === 'unseen') return [unseenOf(`the indexes of ${names.database}`, looked)];
  const deployed = new Map(looked.value.map((index) => [signatureOf(index), index]));
  const findings = needed.flatMap((index) =>
    indexFindings(names, index, deployed.get(neededSignature(index))),
  );
  const wanted = new Set(needed.map(neededSignature));
  const superfluous = looked.value
    .filter((index) => !wanted.has(signatureOf(index)))
    .map((index) =>
      warning(
        `No query needs the index on ${signatureOf(index)}; each write pays for it.`,
        `gcloud firestore indexes composite delete ${index.name.split('/').at(-1)} --database=${names.database} --project=${names.project}`,
      ),
    );
  const all = [...findings, ...superfluous];
  return all.length > 0
    ? all
    : [ok(`The composite indexes of the code's queries are ready (${needed.length}).`)];
}

function indexFindings(names: Names, needed: NeededIndex, found: DeployedIndex | undefined): Finding[] {
  const text = neededSignature(needed);
  if (!found) return [error(`The index on ${text} is missing: a query fails.`, APPLY)];
  switch (found.state) {
    case 'READY':
      return [];
    case 'CREATING':
      return [
        warning(
          `The index on ${text} is still being built: its query fails until then.`,
          `gcloud firestore operations list --database=${names.database} --project=${names.project}`,
        ),
      ];
    default:
      return [
        error(
          `The index on ${text} is in the state ${found.state}: a query fails.`,
          `gcloud firestore indexes composite delete ${found.name.split('/').at(-1)} --database=${names.database} --project=${names.project} && ${APPLY}`,
        ),
      ];
  }
}

/** `results: profile, createdAt desc`. Firestore adds the name itself. */
const signature = (
  collection: string,
  fields: readonly { fieldPath: string; order?: string | undefined }[],
): string =>
  `${collection}: ${fields
    .filter(({ fieldPath }) => fieldPath !== '__name__')
    .map(({ fieldPath, order }) => (order === 'DESCENDING' ? `${fieldPath} desc` : fieldPath))
    .join(', ')}`;

const neededSignature = ({ collectionGroup, fields }: NeededIndex): string =>
  signature(collectionGroup, fields);

const signatureOf = ({ name, fields }: DeployedIndex): string =>
  signature(/\/collectionGroups\/([^/]+)\//.exec(name)?.[1] ?? '', fields);
