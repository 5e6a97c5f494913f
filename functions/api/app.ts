import express, { type Express, type RequestHandler } from 'express';
import type { Log } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { freshProfiles } from '../../shared/profiles/index.ts';
import { OPERATIONS, type Operation } from '../../shared/results/api/routes.ts';
import { serveDocs } from './docs/serve.ts';
import { onlyHosts, onlyOwnOrigin, securityHeaders, shortAddresses } from './guard.ts';
import { identifyCaller } from './http/caller.ts';
import { allowOrigins } from './http/cors.ts';
import { limitRate } from './http/rate.ts';
import type { TokenBuckets } from './http/token-buckets.ts';
import { servePage } from './page-files.ts';
import { Problem, problemHandler } from './problem.ts';

interface AppOptions {
  log: Log;
  webDir: string;
  allowedHosts: readonly string[] | 'any';
  allowedOrigins: readonly string[];
  /** Behind the platform's own check of callers. */
  inCloud: boolean;
  /** Whether webhooks may lead to this machine. */
  loopback: boolean;
  rate: TokenBuckets;
  /** Of one picture. */
  maxBytes: number;
}

export type Handlers = Readonly<Record<Operation, RequestHandler>>;

/** The HTTP API and its page as one Express app. */
export function createApp(handlers: Handlers, options: AppOptions): Express {
  const { log, inCloud, allowedHosts, allowedOrigins, rate } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(securityHeaders({ inCloud }), onlyHosts(allowedHosts), shortAddresses);
  app.use(allowOrigins(allowedOrigins), onlyOwnOrigin(allowedOrigins));
  app.use('/v1', identifyCaller({ inCloud }), limitRate(rate), knowProfiles);

  serveDocs(app, options);
  for (const [operation, { method, path }] of OPERATIONS) app[method](pattern(path), handlers[operation]);
  for (const [path, methods] of methodsByPath()) app.all(pattern(path), onlyMethods(methods));

  app.use(servePage(options.webDir));
  app.use(nothingHere);
  app.use(problemHandler(log));
  return app;
}

/** Whoever asks, also for what has nothing to do with profiles, waits no longer than this for them. Milliseconds. */
const PROFILES_MS = 1_500;

/** The profiles as they are now; where Firestore does not answer, those that are known. */
const knowProfiles: RequestHandler = (_request, _response, next) => {
  const looking = freshProfiles();
  if (!looking) return next();
  withDeadline(PROFILES_MS, undefined, () => looking).then(
    () => next(),
    () => next(),
  );
};

/** `/v1/results/{id}` as Express writes it. */
const pattern = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

const methodsByPath = (): [string, string][] =>
  [...Map.groupBy(OPERATIONS, ([, { path }]) => path)].map(([path, operations]) => [
    path,
    operations.map(([, { method }]) => method.toUpperCase()).join(', '),
  ]);

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
    'The page is at /, the API under /v1/, its documentation at /docs.',
  );
};
