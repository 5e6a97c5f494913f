import type { Request, Response } from 'express';
import { scopeParameters } from '../../../shared/results/api/requests.ts';
import { Problem } from '../problem.ts';
import { type Caller, callerOf } from './caller.ts';
import { queryOf } from './parameters.ts';

/** Whose pictures a request may see and touch. */
export interface PictureScope {
  /** Only what this uploader sent; undefined: everybody's. */
  uploader: string | undefined;
}

export interface Visibility {
  /** `own`: callers see what they uploaded; `team`: everybody sees everything. */
  visibility: 'own' | 'team';
  /** Callers that see everything. */
  operators: readonly string[];
  /** Callers that may act for any uploader that they name. */
  delegates: readonly string[];
}

/** The scope of a request. @throws Problem FOREIGN_UPLOADER for an uploader that the caller may not act for */
export type ScopeOf = (request: Request, response: Response) => PictureScope;

/**
 * By default a caller sees what it uploaded itself. A request may name an `uploader`: to act for that one where the caller
 * may, or to narrow what it sees anyway. On a person's own machine nobody signs in, and the one user is an operator.
 */
export const scopesFor =
  (visibility: Visibility): ScopeOf =>
  (request, response) => {
    const { uploader: named } = queryOf(request, scopeParameters);
    const { identity } = callerOf(response);
    if (seesEverything(visibility, identity)) return { uploader: named };
    if (named === undefined || named === identity) return { uploader: identity };
    if (identity !== undefined && isListed(visibility.delegates, identity)) return { uploader: named };
    throw foreignUploader();
  };

export const seesEverything = (
  { visibility, operators }: Visibility,
  identity: Caller['identity'],
): boolean => identity === undefined || visibility === 'team' || isListed(operators, identity);

/**
 * Who changes what holds for everybody, or sees what is everybody's; null where nobody signs in. Nobody signs in on a person's own machine, whose one user is an operator.
 * @throws Problem NOT_OPERATOR
 */
export function onlyOperators({ operators }: Visibility, response: Response): string | null {
  const { identity } = callerOf(response);
  if (identity === undefined || isListed(operators, identity)) return identity ?? null;
  throw new Problem(
    'NOT_OPERATOR',
    'This is for operators only.',
    'Ask one of them, or have yourself listed in API_OPERATORS.',
  );
}

/** Whether a picture of that uploader is within the scope; what nobody is known to have uploaded is for operators. */
export const covers = ({ uploader }: PictureScope, sender: string | null | undefined): boolean =>
  uploader === undefined || uploader === sender;

/** E-mail addresses differ in case and are the same. */
export const isListed = (list: readonly string[], identity: string): boolean =>
  list.some((one) => one.toLowerCase() === identity.toLowerCase());

export const foreignUploader = (): Problem =>
  new Problem(
    'FOREIGN_UPLOADER',
    'You are signed in under another name than the uploader you state.',
    'Leave uploader out, or have the operator add you to DELEGATES.',
  );
