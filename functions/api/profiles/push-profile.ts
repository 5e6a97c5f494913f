import type { RequestHandler } from 'express';
import { differencesWithPictures } from '../../../shared/profiles/file/differences.ts';
import type { FileProblem } from '../../../shared/profiles/file/strict-yaml.ts';
import { isInTypeScript } from '../../../shared/profiles/index.ts';
import { loadReferences } from '../../../shared/profiles/references.ts';
import type { Candidate } from '../../../shared/profiles/store/candidate.ts';
import { examineText } from '../../../shared/profiles/store/examine.ts';
import { type Foreseen, foresee } from '../../../shared/profiles/store/foresee.ts';
import type { StoredProfile } from '../../../shared/profiles/store/profile-documents.ts';
import type { ProfileStore } from '../../../shared/profiles/store/profile-store.ts';
import type { ProfileChanged } from '../../../shared/results/api/profile-views.ts';
import { pushRequest } from '../../../shared/results/api/profile-views.ts';
import { LIMITS, pushParameters } from '../../../shared/results/api/requests.ts';
import { jsonBody } from '../http/json-body.ts';
import { queryOf } from '../http/parameters.ts';
import { onlyOperators } from '../http/scope.ts';
import { Problem } from '../problem.ts';
import { type ChangeDependencies, changed, withProblems } from './change-profile.ts';
import { nameIn } from './show-profile.ts';
import { picturedOf, pricePer1000, type ReadVersion, readVersion } from './version-view.ts';

/** `POST /v1/profiles/{name}/versions` */
export const pushProfile =
  ({ profiles, visibility, uploadIdleMs }: ChangeDependencies): RequestHandler =>
  async (request, response) => {
    const by = onlyOperators(visibility, response);
    const name = nameIn(request);
    const { dryRun = false } = queryOf(request, pushParameters);
    const limits = { withinMs: uploadIdleMs, maxBytes: LIMITS.profileBytes };
    const { text, pictures, ...change } = await jsonBody(request, pushRequest, limits);
    const known = await profiles.profile(name);
    const before = await activeOf(profiles, name, known);
    const sent = new Map(pictures.map(({ file, base64 }) => [file, Buffer.from(base64, 'base64')]));
    const examined = examineText(name, text, {
      readPicture: (file) => sent.get(file) ?? before?.pictures.get(file),
      nowMs: Date.now(),
      // Loaded with the first push: no other request needs a parser of YAML.
      parser: await import('yaml'),
    });
    const problems = 'problems' in examined ? examined.problems : inCode(name);
    if (problems.length > 0 || !('candidate' in examined)) {
      if (!dryRun) throw invalidProfile(name, problems);
      return void response.json(refused(name, problems, before));
    }
    const { candidate } = examined;
    if (dryRun)
      return void response.json(answerOf(candidate, foresee(candidate, known, change.activate), before));
    const outcome = await withProblems(() => profiles.put(candidate, { action: 'push', by, ...change }));
    if (!outcome) throw new Error(`Nothing became of ${name}.`);
    await changed();
    const { version } = outcome;
    if (outcome.outcome === 'new') response.status(201).location(`/v1/profiles/${name}/versions/${version}`);
    response.set('Cache-Control', 'no-store').json(answerOf(candidate, outcome, before));
  };

const inCode = (name: string): FileProblem[] =>
  isInTypeScript(name) ? [{ text: `${name} is written in TypeScript; change it there and deploy` }] : [];

const activeOf = async (
  profiles: ProfileStore,
  name: string,
  known: StoredProfile | undefined,
): Promise<ReadVersion | undefined> =>
  known && known.active !== null ? readVersion(profiles, name, known.active) : undefined;

const answerOf = (
  candidate: Candidate,
  { outcome, version, isActive }: Foreseen,
  before: ReadVersion | undefined,
): ProfileChanged => ({
  ...{ name: candidate.name, outcome, version, isActive, problems: [], warnings: [...candidate.warnings] },
  differences: differencesWithPictures(before && picturedOf(before), candidate),
  // They are known since the file was examined.
  priceUsdPer1000: pricePer1000(candidate.profile, loadReferences([])(candidate.profile)),
  priceBeforeUsdPer1000: before?.priceUsdPer1000 ?? null,
});

const refused = (
  name: string,
  problems: readonly FileProblem[],
  before: ReadVersion | undefined,
): ProfileChanged => ({
  ...{ name, outcome: 'refused', version: null, isActive: false, problems: [...problems] },
  ...{ warnings: [], differences: [], priceUsdPer1000: null },
  priceBeforeUsdPer1000: before?.priceUsdPer1000 ?? null,
});

const invalidProfile = (name: string, problems: readonly FileProblem[]): Problem =>
  new Problem(
    'INVALID_PROFILE',
    `The profile ${name} cannot be used: ${problems.map(({ text }) => text).join('; ')}.`,
    'Correct the file; nothing of it was taken up.',
    { problems },
  );
