import type { RequestHandler } from 'express';
import { differencesWithPictures } from '../../../shared/profiles/file/differences.ts';
import type { ProfileChanged } from '../../../shared/results/api/profile-views.ts';
import { rollbackRequest } from '../../../shared/results/api/profile-views.ts';
import { jsonBody } from '../http/json-body.ts';
import { onlyOperators } from '../http/scope.ts';
import { type ChangeDependencies, changed, withProblems } from './change-profile.ts';
import { nameIn } from './show-profile.ts';
import { picturedOf, readVersion } from './version-view.ts';

/** `POST /v1/profiles/{name}/rollback` */
export const rollBackProfile =
  ({ profiles, visibility, uploadIdleMs }: ChangeDependencies): RequestHandler =>
  async (request, response) => {
    const by = onlyOperators(visibility, response);
    const name = nameIn(request);
    const { to } = await jsonBody(request, rollbackRequest, { withinMs: uploadIdleMs, optional: true });
    const active = (await profiles.profile(name))?.active ?? null;
    const outcome = await withProblems(() => profiles.rollBack(name, to, by));
    await changed();
    const [before, after] = await Promise.all([
      active === null ? undefined : readVersion(profiles, name, active),
      readVersion(profiles, name, outcome.version),
    ]);
    const body: ProfileChanged = {
      ...{ name, ...outcome, problems: [], warnings: [] },
      differences: after ? differencesWithPictures(before && picturedOf(before), picturedOf(after)) : [],
      priceUsdPer1000: after?.priceUsdPer1000 ?? null,
      priceBeforeUsdPer1000: before?.priceUsdPer1000 ?? null,
    };
    response.set('Cache-Control', 'no-store').json(body);
  };
