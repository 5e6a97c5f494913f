import type { RequestHandler } from 'express';
import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import type { UploadTicket } from '../../../shared/results/api/answers.ts';
import { uploadRequest } from '../../../shared/results/api/requests.ts';
import { resultId } from '../../../shared/results/id.ts';
import { callerOf } from '../http/caller.ts';
import { jsonBody } from '../http/json-body.ts';
import { tooManyBytes } from './byte-limit.ts';
import { objectName } from './object-name.ts';
import { metadataOf, type SettingsRules } from './settings.ts';
import { labelOf } from './store.ts';
import type { Submissions } from './submissions.ts';

interface CreateUploadDependencies {
  buckets: Pick<Buckets, 'signUpload'>;
  submissions: Submissions;
  uploadsBucket: string;
  maxBytes: number;
  settings: SettingsRules;
  uploadIdleMs: number;
}

/** How long the address may be used: time for a slow phone to begin, and little for anyone who finds it later. */
const TICKET_MS = 15 * 60_000;

/** `POST /v1/uploads`: an address for one upload straight to the bucket. */
export const createUpload =
  (deps: CreateUploadDependencies): RequestHandler =>
  async (request, response) => {
    const asked = await jsonBody(request, uploadRequest, { withinMs: deps.uploadIdleMs });
    const maxBytes = asked.bytes ?? deps.maxBytes;
    if (maxBytes > deps.maxBytes) throw tooManyBytes(labelOf(asked.fileName), deps.maxBytes);
    const metadata = await metadataOf(asked, callerOf(response), deps.settings);
    const now = new Date(Date.now());
    const name = objectName(metadata.profile, { name: asked.fileName, contentType: asked.contentType }, now);
    const id = resultId({ bucket: deps.uploadsBucket, name });
    const expiresAt = new Date(now.getTime() + TICKET_MS);
    const [{ url, headers }] = await Promise.all([
      deps.buckets.signUpload(
        { bucket: deps.uploadsBucket, name },
        { contentType: asked.contentType, metadata, bytes: [asked.bytes ?? 1, maxBytes], expiresAt },
      ),
      deps.submissions.remember(id, name),
    ]);
    const resultUrl = `/v1/results/${id}`;
    const ticket: UploadTicket = {
      id,
      name,
      url,
      method: 'PUT',
      headers,
      expiresAt: expiresAt.toISOString(),
      maxBytes,
      resultUrl,
    };
    response.status(201).location(resultUrl).set('Cache-Control', 'no-store').json(ticket);
  };
