import type { RequestHandler } from 'express';
import { onlyOperators } from '../http/scope.ts';
import { type ChangeDependencies, changed, withProblems } from './change-profile.ts';
import { nameIn } from './show-profile.ts';

/** `DELETE /v1/profiles/{name}` */
export const deleteProfile =
  ({ profiles, visibility }: ChangeDependencies): RequestHandler =>
  async (request, response) => {
    const by = onlyOperators(visibility, response);
    const name = nameIn(request);
    await withProblems(() => profiles.delete(name, { action: 'delete', by }));
    await changed();
    response.status(204).end();
  };
