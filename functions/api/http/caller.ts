import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { Problem } from '../problem.ts';

/** Who is asking. */
export interface Caller {
  /** What the rate is counted by. */
  key: string;
  /** E-mail address or subject of the verified token; undefined on a person's own machine, where nobody is asked. */
  identity: string | undefined;
}

const claims = z.object({
  iss: z.enum(['https://accounts.google.com', 'accounts.google.com']),
  sub: z.string().min(1).max(200),
  email: z.string().min(3).max(200).optional(),
  email_verified: z.boolean().optional(),
  exp: z.number(),
});

const CLOCK_SKEW_S = 60;

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/**
 * Finds out who calls, or refuses.
 *
 * In the cloud the platform has checked the caller's ID token before the request arrives: the service has listed invokers
 * only (Terraform refuses `allUsers`), and Cloud Run answers everybody else itself. It then takes the signature out of
 * the token (https://cloud.google.com/run/docs/troubleshooting#signature-removed), so the claims are read without
 * verifying them again: there is nothing left to verify. Where both headers are sent, X-Serverless-Authorization is the
 * one that was checked. Without K_SERVICE nobody has checked anything: then only this machine may call.
 */
export const identifyCaller =
  ({ inCloud }: { inCloud: boolean }): RequestHandler =>
  (request, response, next) => {
    response.locals['caller'] = inCloud
      ? callerOfToken(request.headers['x-serverless-authorization'] ?? request.headers.authorization)
      : callerOfThisMachine(request.socket.remoteAddress);
    next();
  };

export const callerOf = (response: Response): Caller => response.locals['caller'] as Caller;

function callerOfToken(header: string | string[] | undefined): Caller {
  const parsed = claims.safeParse(payloadOf(typeof header === 'string' ? header : ''));
  if (!parsed.success || parsed.data.exp + CLOCK_SKEW_S < Date.now() / 1000) {
    throw new Problem(
      'UNAUTHENTICATED',
      'The request carries no valid ID token.',
      'Send Authorization: Bearer $(gcloud auth print-identity-token), or open the page through gcloud run services proxy.',
    );
  }
  const { email, email_verified, sub } = parsed.data;
  const identity = email !== undefined && email_verified !== false ? email : sub;
  return { key: identity, identity };
}

function payloadOf(header: string): unknown {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/i.exec(header)?.[1];
  try {
    return payload === undefined ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
}

export function callerOfThisMachine(remoteAddress: string | undefined): Caller {
  if (remoteAddress !== undefined && LOOPBACK.test(remoteAddress))
    return { key: 'local', identity: undefined };
  throw new Problem(
    'UNAUTHENTICATED',
    'This server runs without sign-in and is open to its own machine only.',
    'Call it from the machine that it runs on, or deploy it.',
  );
}
