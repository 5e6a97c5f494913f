import type { z } from 'zod';
import { type backendVariables, refuseRegionalLanes } from '../../shared/model/gemini/backends.ts';
import { DECISION_MODEL } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { type OwnFile, ownFiles } from '../profiles/find.ts';
import type { AskedProfile, AskedProfiles } from './asked-profiles.ts';
import { ruleFindings } from './code.ts';
import { error, type Finding, listed, orAllWell, warning } from './finding.ts';

/** How the pipeline reaches Gemini: the variables of analyze-image. */
export type BackendConfig = z.infer<z.ZodObject<typeof backendVariables>>;

interface Against {
  /** Left out where it is not known. */
  backend?: BackendConfig | undefined;
  /** What names the deployment to a command. */
  where?: string;
}

/** What pictures are asked by: whether that works with this pipeline's Gemini, and whether the files say the same. */
export function storedProfileFindings(
  looked: AskedProfiles,
  { backend, where = '' }: Against = {},
): Finding[] {
  const { asked, names, findings } = looked;
  if (names === undefined) return [...findings];
  const profiles = asked.map(({ profile }) => profile);
  return orAllWell(
    [
      ...findings,
      ...profiles.flatMap((profile) => ruleFindings(profile, correcting(profile, where))),
      ...(backend ? profiles.flatMap((profile) => backendFindings(profile, backend, where)) : []),
      ...ownFiles().flatMap((file) => fileFindings(file, asked, names, where)),
    ],
    asked.length === 0
      ? 'Every stored profile is deleted.'
      : `Pictures are asked by ${listed(asked.map(({ profile, version }) => `${profile.name} ${version}`))}.`,
  );
}

const correcting = ({ name }: Pick<Profile, 'name'>, where: string): string =>
  `Correct its file, then: npx pipeline profiles push ${name}${where}`;

/** Functions look at this when they start, of the files that they bring; what is pushed later meets nobody. */
function backendFindings(profile: Profile, backend: BackendConfig, where: string): Finding[] {
  const correct = correcting(profile, where);
  try {
    refuseRegionalLanes(backend, [profile]);
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return [error(failure.message, correct)];
  }
  return profile.gate && backend.GEMINI_API_KEY === undefined
    ? [
        warning(
          `The profile ${profile.name} has a gate, and Vertex AI does not have ${DECISION_MODEL}: no picture is refused by it.`,
          correct,
        ),
      ]
    : [];
}

/** A file that was changed asks nothing until it is pushed; what was pushed is undone by the next push of the file. */
function fileFindings(
  { name, file, candidate }: OwnFile,
  asked: readonly AskedProfile[],
  names: readonly string[],
  where: string,
): Finding[] {
  const stored = asked.find(({ profile }) => profile.name === name);
  if (!names.includes(name))
    return [
      warning(
        `No picture is asked by profiles/${file}: the profile ${name} is not active.`,
        `npx pipeline profiles push ${name}${where}; or delete the file`,
      ),
    ];
  // A reference picture that is missing is said elsewhere.
  if (!stored || !candidate || candidate.digest === stored.digest) return [];
  return [
    warning(
      `profiles/${file} says something else than version ${stored.version}, by which pictures are asked.`,
      `npx pipeline profiles diff ${name}${where}; then profiles push ${name}, or profiles export ${name}`,
    ),
  ];
}
