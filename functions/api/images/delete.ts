import type { RequestHandler } from 'express';
import type { Log } from '../../../shared/base/log.ts';
import { deletedNotification } from '../../../shared/cloud/events/storage-notification.ts';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import type { Message } from '../../../shared/cloud/pubsub.ts';
import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import type { ObjectRef } from '../../../shared/cloud/storage/object.ts';
import { forgetLabel } from '../../../shared/results/labels/forget.ts';
import { getLabel } from '../../../shared/results/labels/label.ts';
import type { ResultReader } from '../../../shared/results/reading.ts';
import type { Recovery } from '../../../shared/results/recovery/recovery.ts';
import { covers, type PictureScope, type ScopeOf } from '../http/scope.ts';
import { idFrom, noResult } from '../results/show.ts';
import type { Submissions } from './submissions.ts';

interface DeleteDependencies {
  buckets: Pick<Buckets, 'find' | 'delete' | 'list'>;
  documents: Pick<Documents, 'get' | 'deleteAt'>;
  preparedBucket: string;
  reader: Pick<ResultReader, 'get'>;
  scopeOf: ScopeOf;
  recovery: Pick<Recovery, 'head' | 'remove'>;
  submissions: Submissions;
  publish: (topic: string, message: Message) => Promise<void>;
  topics: { uploads: string };
  log: Log;
}

/**
 * `DELETE /v1/images/{id}`: deletes the upload, its result and its label. Cloud Storage tells resize-image of the deletion, which
 * deletes the prepared picture and, should this end halfway, the result.
 */
export const deleteImage =
  (deps: DeleteDependencies): RequestHandler =>
  async (request, response) => {
    const id = idFrom(request.params['id']);
    const found = await sourceOf(deps, id, deps.scopeOf(request, response));
    if (!found) throw noResult();
    const { source, isJudged } = found;
    const upload = await deps.buckets.find(source);
    if (upload) await deps.buckets.delete(upload.ref);
    // What is gone already (its retention ended) is announced by no other event.
    else await deps.publish(deps.topics.uploads, deletedNotification(source));
    await removeResult(deps, id);
    // Whatever becomes of results when uploads are deleted: this caller wants nothing left.
    await forgetLabel(deps, id, { isJudged });
    deps.log.info('api.deleted', { id, ref: source });
    response.status(204).end();
  };

interface Deletable {
  source: ObjectRef;
  /** Whether there may be a label, also one whose picture was lost. */
  isJudged: boolean;
}

/** Undefined where there is none that the caller may see. */
async function sourceOf(
  { reader, submissions, documents }: DeleteDependencies,
  id: string,
  scope: PictureScope,
): Promise<Deletable | undefined> {
  const stored = (await reader.get(id))?.document;
  // A label outlives the result.
  const label = stored ? undefined : await getLabel(documents, id);
  const source = stored?.source ?? label?.source;
  if (source) {
    const isJudged = stored?.feedback !== undefined || label !== undefined;
    return covers(scope, source.uploader) ? { source, isJudged } : undefined;
  }
  const submitted = await submissions.find(id, scope);
  return submitted && { source: submitted.ref, isJudged: false };
}

async function removeResult({ reader, recovery }: DeleteDependencies, id: string): Promise<void> {
  // What this version cannot read is left to the deletion's own event.
  while (await reader.get(id)) {
    const head = await recovery.head(id);
    if (!head || (await recovery.remove(head))) return;
  }
}
