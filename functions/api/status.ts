import type { RequestHandler } from 'express';
import type { ServiceStatus } from '../../shared/results/api/answers.ts';
import { callerOf } from './http/caller.ts';
import { seesEverything, type Visibility } from './http/scope.ts';

/** What is the same for every caller. */
export type Deployment = Omit<ServiceStatus, 'sees'>;

/** `GET /v1/status` */
export const showStatus =
  (deployment: Deployment, visibility: Visibility): RequestHandler =>
  (_request, response) => {
    const { identity } = callerOf(response);
    const sees = seesEverything(visibility, identity) ? 'everything' : 'own';
    const status: ServiceStatus = { ...deployment, sees };
    response.set('Cache-Control', 'private, no-cache').json(status);
  };
