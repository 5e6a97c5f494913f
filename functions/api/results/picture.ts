import type { RequestHandler } from 'express';
import { isFailure } from '../../../shared/base/errors/pipeline-error.ts';
import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import { MAX_PREPARED_BYTES } from '../../../shared/results/id.ts';
import { imageVersion } from '../../../shared/results/view.ts';
import { Problem } from '../problem.ts';
import { type ResultAccess, resultNamed } from './show.ts';

interface PictureDependencies extends ResultAccess {
  buckets: Pick<Buckets, 'readOnlyVersion'>;
}

const JPEG = 'image/jpeg';
/** For programs that were made from the document and know no pictures. */
const BYTES = 'application/octet-stream';

/** An address that carries the version never shows other bytes; without it browsers ask each time. */
const VERSIONED = 'private, max-age=31536000, immutable';
const UNVERSIONED = 'private, no-cache';

/** `GET /v1/results/{id}/image`: the prepared picture, always a JPEG that resize-image made. */
export const showPicture =
  ({ buckets, ...access }: PictureDependencies): RequestHandler =>
  async (request, response) => {
    const { document } = await resultNamed(access, request, response);
    const { prepared } = document;
    if (!prepared) throw notThere();

    const version = imageVersion(prepared);
    const etag = `"${prepared.sha256}"`;
    response.set({
      'Cache-Control': request.query['v'] === version ? VERSIONED : UNVERSIONED,
      'Content-Disposition': 'inline',
      Vary: 'Accept',
      ETag: etag,
    });
    if (request.headers['if-none-match'] === etag) {
      response.status(304).end();
      return;
    }
    const bytes = await buckets
      .readOnlyVersion(prepared, { maxBytes: MAX_PREPARED_BYTES })
      .catch((error: unknown) => {
        throw isFailure(error, 'SOURCE_GONE') ? notThere() : error;
      });
    response.type(request.accepts([JPEG, BYTES]) || JPEG).send(bytes);
  };

const notThere = (): Problem =>
  new Problem(
    'NOT_FOUND',
    'There is no prepared picture of this result.',
    'It appears when the picture is prepared, and goes when its retention ends.',
  );
