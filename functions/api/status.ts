import type { RequestHandler } from 'express';
import type { ServiceStatus } from '../../shared/results/api/answers.ts';

/** `GET /v1/status` */
export const showStatus =
  (status: ServiceStatus): RequestHandler =>
  (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(status);
  };
