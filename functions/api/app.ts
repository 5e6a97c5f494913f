import express, { type Express, type RequestHandler } from 'express';
import type { ServiceStatus } from '../../shared/api/answers.ts';
import type { Log } from '../../shared/log/log.ts';
import type { ResultReader } from '../../shared/results/reading.ts';
import type { Buckets } from '../../shared/storage/buckets.ts';
import type { Changes } from './events/changes.ts';
import { streamEvents } from './events/stream.ts';
import { onlyHosts, onlyOwnOrigin, securityHeaders } from './guard.ts';
import { submitImages } from './images/submit.ts';
import { servePage } from './page-files.ts';
import { Problem, problemHandler } from './problem.ts';
import { listProfiles } from './profiles.ts';
import { listResults } from './results/list.ts';
import { showPicture } from './results/picture.ts';
import { showResult } from './results/show.ts';
import { showStatus } from './status.ts';

export interface AppDependencies {
  buckets: Pick<Buckets, 'upload' | 'readOnlyVersion'>;
  reader: ResultReader;
  changes: Changes;
  log: Log;
  status: ServiceStatus;
  webDir: string;
  allowedHosts: readonly string[] | 'any';
  uploadIdleMs: number;
  heartbeatMs: number;
}

/** The HTTP API and its page as one Express app. */
export function createApp(deps: AppDependencies): Express {
  const { buckets, reader, changes, log, status } = deps;
  const { uploadsBucket, maxBytes } = status;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(securityHeaders, onlyHosts(deps.allowedHosts), onlyOwnOrigin);

  app
    .route('/v1/images')
    .post(submitImages({ buckets, uploadsBucket, maxBytes, uploadIdleMs: deps.uploadIdleMs, log }))
    .all(onlyMethods('POST'));
  const reads: Readonly<Record<string, RequestHandler>> = {
    '/v1/results': listResults(reader),
    '/v1/results/:id': showResult(reader),
    '/v1/results/:id/image': showPicture({ reader, buckets }),
    '/v1/events': streamEvents({ changes, heartbeatMs: deps.heartbeatMs }),
    '/v1/profiles': listProfiles(),
    '/v1/status': showStatus(status),
  };
  for (const [path, handler] of Object.entries(reads)) app.route(path).get(handler).all(onlyMethods('GET'));

  app.use(servePage(deps.webDir));
  app.use(nothingHere);
  app.use(problemHandler(log));
  return app;
}

const onlyMethods =
  (methods: string): RequestHandler =>
  (_request, response) => {
    response.set('Allow', methods);
    throw new Problem('METHOD_NOT_ALLOWED', `This address takes ${methods} only.`, `Use ${methods}.`);
  };

const nothingHere: RequestHandler = () => {
  throw new Problem(
    'NOT_FOUND',
    'There is nothing at this address.',
    'The page is at /, the API under /v1/.',
  );
};
