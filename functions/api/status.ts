import type { RequestHandler } from 'express';

/** What the page and programs must know about this deployment. */
export interface ServiceStatus {
  /** Google's Gemini, or the reader on this machine that stands in for it. */
  answeredBy: 'gemini' | 'local-reader';
  uploadsBucket: string;
  /** Of one file. */
  maxBytes: number;
}

/** `GET /v1/status` */
export const showStatus =
  (status: ServiceStatus): RequestHandler =>
  (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(status);
  };
