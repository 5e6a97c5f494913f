import { z } from 'zod';
import type { Documents } from '../../cloud/firestore/documents.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import type { ObjectRef } from '../../cloud/storage/object.ts';

/** `labels/{id}`: what is right about a picture, as a person said it. Its id is that of the result. */
const label = z.object({
  profile: z.string(),
  /** The version that gave the judged answer. */
  profileVersion: z.number(),
  verdict: z.enum(['right', 'corrected']),
  /** The judged answer with its corrections, without what the model said of itself. */
  answer: z.record(z.string(), z.unknown()),
  source: z.object({
    bucket: z.string(),
    name: z.string(),
    generation: z.string(),
    uploader: z.string().nullable(),
  }),
  /** The kept copy of the prepared picture. */
  picture: z.object({ bucket: z.string(), name: z.string() }),
  /** Null on a machine where nobody signs in. */
  by: z.string().nullable(),
  at: z.date(),
  /** Time to live; absent where labels are kept for ever. */
  expireAt: z.date().optional(),
});

export type LabelDocument = z.infer<typeof label>;

interface StoredLabel {
  id: string;
  label: LabelDocument;
}

const COLLECTION = 'labels';

export const labelPath = (id: string): string => `${COLLECTION}/${id}`;

/** Where kept pictures lie in the bucket of prepared ones: the rule that ends those by age spares this folder. */
export const LABEL_PICTURES = 'labels/';

const labelFolder = (id: string): string => `${LABEL_PICTURES}${id}/`;

export const labelPicture = (id: string, generation: string): string => `${labelFolder(id)}${generation}.jpg`;

/** The generation in a kept picture's name; undefined for any other name. */
export const generationOfPicture = (name: string): string | undefined => /\/(\d+)\.jpg$/.exec(name)?.[1];

/** There is one picture of a label; what a crash left beside it are few. */
const LEFTOVERS = 100;

/** What is kept of an object in the bucket of prepared pictures. */
export async function keptPictures(
  buckets: Pick<Buckets, 'list'>,
  bucket: string,
  id: string,
): Promise<ObjectRef[]> {
  const { objects } = await buckets.list(bucket, { prefix: labelFolder(id), limit: LEFTOVERS });
  return objects.map(({ ref }) => ref);
}

/** Undefined also for one that has outlived its retention, or is of a shape that this version does not know. */
export async function getLabel(
  documents: Pick<Documents, 'get'>,
  id: string,
): Promise<LabelDocument | undefined> {
  return readLabel((await documents.get(labelPath(id)))?.data);
}

const PAGE = 300;

/** The labels of a profile by their ids, read page by page. */
export async function* labelsOf(
  documents: Pick<Documents, 'query'>,
  profile: string,
): AsyncGenerator<StoredLabel> {
  let after: string | undefined;
  do {
    const page = await documents.query(COLLECTION, {
      where: [{ field: 'profile', op: '==', value: profile }],
      orderBy: [{ field: '__name__', direction: 'asc' }],
      ...(after === undefined ? {} : { startAfter: [after] }),
      limit: PAGE,
    });
    for (const { id, data } of page) {
      const read = readLabel(data);
      if (read) yield { id, label: read };
    }
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}

export function readLabel(data: unknown): LabelDocument | undefined {
  const read = label.safeParse(data).data;
  return read && (read.expireAt === undefined || read.expireAt.getTime() > Date.now()) ? read : undefined;
}
