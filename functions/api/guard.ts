import type { RequestHandler } from 'express';
import { isAddressedTo, isFromElsewhere } from '../../shared/base/framework/own-address.ts';
import { LIMITS } from '../../shared/results/api/requests.ts';
import { Problem } from './problem.ts';

/** Refuses requests that are addressed to a name which is not ours. */
export const onlyHosts =
  (allowed: readonly string[] | 'any'): RequestHandler =>
  (request, _response, next) => {
    if (allowed === 'any' || isAddressedTo(request, allowed)) return next();
    throw new Problem(
      'FOREIGN_HOST',
      'The request is addressed to a name that this server does not serve.',
      'Open it under one of its own names, or add the name to ALLOWED_HOSTS.',
    );
  };

/** Refuses requests that change something and come from a page of another site. */
export const onlyOwnOrigin =
  (allowed: readonly string[]): RequestHandler =>
  (request, _response, next) => {
    if (!isFromElsewhere(request, allowed)) return next();
    throw new Problem(
      'FOREIGN_ORIGIN',
      'The request comes from a page of another site.',
      'Send it from the page of this server, from a program, or add the site to ALLOWED_ORIGINS.',
    );
  };

/** Nothing that is asked here needs a long address; a log line should hold it. */
export const shortAddresses: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.length <= LIMITS.uriLength) return next();
  throw new Problem(
    'URI_TOO_LONG',
    `The address has more than ${LIMITS.uriLength} characters.`,
    'Leave out what is not needed; settings may be fields of a form.',
  );
};

/** Sent with every answer: nothing is framed, sniffed, embedded elsewhere or loaded from elsewhere. */
export const securityHeaders =
  ({ inCloud }: { inCloud: boolean }): RequestHandler =>
  (_request, response, next) => {
    response.set({
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      ...(inCloud ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
    });
    next();
  };
