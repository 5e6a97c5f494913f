import type { Request, RequestHandler } from 'express';
import { cutText } from '../../../shared/base/text.ts';
import { DEFAULT_PROFILE } from '../../../shared/profiles/index.ts';
import type { ProfileStore } from '../../../shared/profiles/store/profile-store.ts';
import type { ProfileDetails } from '../../../shared/results/api/profile-views.ts';
import { profileInPath, versionInPath } from '../../../shared/results/api/requests.ts';
import { callerOf } from '../http/caller.ts';
import { seesEverything, type Visibility } from '../http/scope.ts';
import { Problem } from '../problem.ts';
import { readVersion, viewOfVersion } from './version-view.ts';

/** As much of a name that cannot be one as an answer repeats, in UTF-16 units. */
const MAX_NAME = 40;

interface ShowProfileDependencies {
  profiles: ProfileStore;
  visibility: Visibility;
}

/** `GET /v1/profiles/{name}` */
export const showProfile =
  ({ profiles, visibility }: ShowProfileDependencies): RequestHandler =>
  async (request, response) => {
    const name = nameIn(request);
    const known = await profiles.profile(name);
    if (!known) throw noProfile(name);
    const { active } = known;
    const isTold = seesEverything(visibility, callerOf(response).identity);
    const read = active === null ? undefined : await readVersion(profiles, name, active);
    const seen = <T extends { at: Date; by: string | null }>({ at, by, ...rest }: T) => ({
      ...rest,
      at: at.toISOString(),
      by: isTold ? by : null,
    });
    const details: ProfileDetails = {
      ...{ name, isDefault: name === DEFAULT_PROFILE },
      active: read && active !== null ? viewOfVersion(name, active, read, { active, isTold }) : null,
      versions: known.versions.toReversed().map(({ digest: _digest, trial: _trial, ...one }) => seen(one)),
      changes: known.changes.toReversed().map(seen),
    };
    response.set('Cache-Control', 'private, no-cache').json(details);
  };

/** `GET /v1/profiles/{name}/versions/{version}` */
export const showProfileVersion =
  ({ profiles, visibility }: ShowProfileDependencies): RequestHandler =>
  async (request, response) => {
    const name = nameIn(request);
    const { success, data } = versionInPath.safeParse(request.params);
    const [known, read] = success
      ? await Promise.all([profiles.profile(name), readVersion(profiles, name, data.version)])
      : [];
    if (!success || !known || !read) throw noVersion(name);
    const isTold = seesEverything(visibility, callerOf(response).identity);
    response
      .set('Cache-Control', 'private, no-cache')
      .json(viewOfVersion(name, data.version, read, { active: known.active, isTold }));
  };

/** The name in an address; throws NOT_FOUND for what cannot be one. */
export function nameIn(request: Request): string {
  const { success, data } = profileInPath.safeParse(request.params);
  if (success) return data.name;
  throw noProfile(cutText(String(request.params['name']), MAX_NAME));
}

const noProfile = (name: string): Problem =>
  new Problem('NOT_FOUND', `There is no stored profile ${name}.`, 'GET /v1/profiles lists them.');

const noVersion = (name: string): Problem =>
  new Problem('NOT_FOUND', `There is no such version of ${name}.`, 'GET /v1/profiles/{name} lists them.');
