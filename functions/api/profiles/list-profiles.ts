import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../../shared/money/report.ts';
import { dayOf } from '../../../shared/prices/units.ts';
import type { Profile } from '../../../shared/profiles/define.ts';
import { allProfiles, DEFAULT_PROFILE } from '../../../shared/profiles/index.ts';
import type { ProfileView } from '../../../shared/results/api/profile-views.ts';
import { profilesParameters } from '../../../shared/results/api/requests.ts';
import { RESULT_QUERIES } from '../../../shared/results/queries.ts';
import { Remembered } from '../figures/remembered.ts';
import { callerOf } from '../http/caller.ts';
import { queryOf } from '../http/parameters.ts';
import { seesEverything, type Visibility } from '../http/scope.ts';

interface ListDependencies {
  documents: Documents;
  visibility: Visibility;
  /** Figures may be this old, in milliseconds. */
  cacheMs: number;
}

type Use = NonNullable<ProfileView['use']>;

const DAY_MS = 86_400_000;

/** `GET /v1/profiles?days=` */
export function listProfiles({ documents, visibility, cacheMs }: ListDependencies): RequestHandler {
  const uses = new Remembered<ReadonlyMap<string, Use>>(cacheMs);
  return async (request, response) => {
    const { days } = queryOf(request, profilesParameters);
    const isTold = days !== undefined && seesEverything(visibility, callerOf(response).identity);
    const profiles = allProfiles();
    const key = JSON.stringify([days, profiles.map(({ name, version }) => [name, version])]);
    const used = isTold ? await uses.get(key, () => readUse(documents, profiles, days)) : undefined;
    response
      .set('Cache-Control', 'private, no-cache')
      .json({ profiles: profiles.map((profile) => viewOfProfile(profile, used?.get(profile.name))) });
  };
}

function viewOfProfile(profile: Profile, use: Use | undefined): ProfileView {
  const { name, version, prompt, maxSide } = profile;
  return {
    ...{ name, version, isDefault: name === DEFAULT_PROFILE, prompt, maxSide },
    schema: schemaOf(profile),
    ...(use ? { use } : {}),
  };
}

export const schemaOf = ({ schema }: Profile): Record<string, unknown> =>
  z.toJSONSchema(schema) as Record<string, unknown>;

/** From the books of the days, and from what people said of stored answers. */
async function readUse(
  documents: Documents,
  profiles: readonly Profile[],
  days: number,
): Promise<ReadonlyMap<string, Use>> {
  const now = Date.now();
  const report = await costReport(documents, dayOf(now - (days - 1) * DAY_MS), dayOf(now));
  const entries = profiles.map(async ({ name, version }): Promise<[string, Use]> => {
    const { images = 0, usdPer1000 = 0 } = report.profiles[name] ?? {};
    const [right, wrong, corrected] = await Promise.all(
      ['right', 'wrong', 'corrected'].map((verdict) => countJudged(documents, [name, version, verdict])),
    );
    const judged = (right ?? 0) + (wrong ?? 0) + (corrected ?? 0);
    return [name, { days, images, usdPer1000: images > 0 ? usdPer1000 : null, judged, right: right ?? 0 }];
  });
  return new Map(await Promise.all(entries));
}

const countJudged = (documents: Documents, values: readonly unknown[]): Promise<number> =>
  documents.count(
    RESULT_QUERIES.judged.collection,
    RESULT_QUERIES.judged.where.map((filter, i) => ({ ...filter, value: values[i] })),
  );
