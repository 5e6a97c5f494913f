import { isFailure } from '../../base/errors/pipeline-error.ts';
import type { Documents, Write } from '../../cloud/firestore/documents.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import type { Feedback, ResultDocument } from '../document.ts';
import { keptPictures, type LabelDocument, labelPath, labelPicture } from './label.ts';

type Picture = LabelDocument['picture'];

interface KeepingOptions {
  buckets: Pick<Buckets, 'copy' | 'exists' | 'list' | 'delete'>;
  /** Labels are kept this many days; 0 keeps them as long as the upload. */
  retentionDays: number;
}

const DAY_MS = 86_400_000;

/**
 * Keeps the pictures of answers that people say are right. The picture comes before the verdict: whoever dies in
 * between leaves a picture that the next verdict takes, never a label without one.
 */
export class LabelKeeper {
  readonly #buckets: KeepingOptions['buckets'];
  readonly #retentionDays: number;

  constructor({ buckets, retentionDays }: KeepingOptions) {
    this.#buckets = buckets;
    this.#retentionDays = retentionDays;
  }

  /** The kept copy of the prepared picture; undefined where there is neither that nor an earlier copy. */
  async keepPicture(id: string, { prepared, source }: ResultDocument): Promise<Picture | undefined> {
    if (!prepared) return undefined;
    const { bucket, name } = prepared;
    const picture = { bucket, name: labelPicture(id, source.generation) };
    try {
      await this.#buckets.copy({ bucket, name }, picture);
      return picture;
    } catch (error) {
      if (!isFailure(error, 'SOURCE_GONE')) throw error;
      return (await this.#buckets.exists(picture)) ? picture : undefined;
    }
  }

  /** What a verdict makes of the label: written in its commit. */
  write(id: string, document: ResultDocument, said: Feedback, picture: Picture | undefined): Write {
    const path = labelPath(id);
    const { verdict, fields, answer, by, at } = said;
    if (verdict === 'wrong' || !picture) return { kind: 'delete', path };
    const { bucket, name, generation, uploader } = document.source;
    const { confidence: _stated, ...right } = { ...answer, ...fields };
    const data: LabelDocument = {
      profile: document.profile,
      profileVersion: document.profileVersion,
      verdict,
      answer: right,
      source: { bucket, name, generation, uploader },
      picture,
      by,
      at,
      ...(this.#retentionDays > 0 ? { expireAt: new Date(at.getTime() + this.#retentionDays * DAY_MS) } : {}),
    };
    return { kind: 'put', path, data: { ...data } };
  }

  /** Deletes what is kept of this object in the bucket, but for the picture of its label. */
  async dropOthers(id: string, bucket: string, kept: Picture | undefined): Promise<void> {
    for (const picture of await keptPictures(this.#buckets, bucket, id))
      if (picture.name !== kept?.name) await this.#buckets.delete(picture);
  }

  /** The result went while its picture was copied; an older label, which outlives results, may still need the copy. */
  async dropUnlabeled(documents: Pick<Documents, 'get'>, id: string, { bucket }: Picture): Promise<void> {
    if (!(await documents.get(labelPath(id)))) await this.dropOthers(id, bucket, undefined);
  }
}
