import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CompositeIndex } from './firestore/indexes.ts';

const order = z.enum(['ASCENDING', 'DESCENDING']);

const code = z.object({
  indexes: z.array(
    z.object({
      collectionGroup: z.string(),
      queryScope: z.enum(['COLLECTION', 'COLLECTION_GROUP']),
      fields: z.array(z.object({ fieldPath: z.string(), order })),
    }),
  ),
});

/** The composite indexes that Terraform defines: a query that would be refused in production is refused here too. */
export async function deployedIndexes(): Promise<CompositeIndex[]> {
  const file = new URL('../terraform/modules/pipeline/code.json', import.meta.url);
  return code.parse(JSON.parse(await readFile(file, 'utf8'))).indexes;
}
