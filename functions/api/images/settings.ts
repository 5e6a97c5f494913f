import { cutText } from '../../../shared/base/text.ts';
import {
  DEFAULT_PROFILE,
  profileNames,
  profileNow,
  profileOfVersion,
} from '../../../shared/profiles/index.ts';
import { submitSettings } from '../../../shared/results/api/requests.ts';
import { objectionTo } from '../../../shared/results/webhooks/address.ts';
import type { Caller } from '../http/caller.ts';
import { checked } from '../http/parameters.ts';
import { foreignUploader, isListed } from '../http/scope.ts';
import { Problem } from '../problem.ts';

/** What is stored with an upload as its metadata; the stages read it from there. */
export type UploadMetadata = Readonly<Record<string, string>> & { profile: string };

interface Asked {
  profile?: string | undefined;
  profileVersion?: number | undefined;
  uploader?: string | undefined;
  refresh?: boolean | undefined;
  webhook?: string | undefined;
  lane?: string | undefined;
  patience?: string | undefined;
}

/** Settings of a submit from the fields of its form and the parameters of its address; the fields come first. */
export function settingsFrom(query: unknown, fields: Readonly<Record<string, string>>): Asked {
  const { name: _name, ...parameters } = query as Record<string, unknown>;
  const hint = `Fields and parameters are ${Object.keys(submitSettings.shape).join(', ')}; each at most once.`;
  return checked(submitSettings, { ...parameters, ...fields }, hint);
}

/** What a deployment lets callers set. */
export interface SettingsRules {
  /** Callers who may upload for others. */
  delegates: readonly string[];
  /** Whether webhooks may lead to this machine. */
  loopback: boolean;
}

export async function metadataOf(
  asked: Asked,
  caller: Caller,
  rules: SettingsRules,
): Promise<UploadMetadata> {
  const objection = asked.webhook === undefined ? undefined : objectionTo(asked.webhook, rules);
  if (objection !== undefined) {
    const here = rules.loopback ? ', or one of this machine: http://127.0.0.1:PORT' : '';
    const hint = `Give an https address on the public internet${here}.`;
    throw new Problem('INVALID_REQUEST', `webhook: ${objection}.`, hint);
  }
  const uploader = uploaderOf(asked.uploader, caller, rules.delegates);
  return {
    profile: await knownProfile(asked.profile, asked.profileVersion),
    ...(asked.profileVersion ? { 'profile-version': String(asked.profileVersion) } : {}),
    ...(uploader ? { uploader } : {}),
    ...(asked.refresh ? { refresh: 'true' } : {}),
    ...(asked.webhook ? { webhook: asked.webhook } : {}),
    ...(asked.lane ? { lane: asked.lane } : {}),
    ...(asked.patience ? { patience: asked.patience } : {}),
  };
}

async function knownProfile(name = DEFAULT_PROFILE, version: number | undefined): Promise<string> {
  const profile = await (version === undefined ? profileNow(name) : profileOfVersion(name, version));
  if (profile) return name;
  if (version !== undefined && (await profileNow(name)))
    throw new Problem(
      'UNKNOWN_VERSION',
      `There is no version ${version} of the profile "${name}".`,
      'GET /v1/profiles/{name} lists the versions.',
    );
  throw new Problem(
    'UNKNOWN_PROFILE',
    `There is no profile "${cutText(name, 40)}"; there are: ${profileNames().join(', ')}.`,
    'Use one of these names, or leave the field out.',
  );
}

/**
 * Whose budget the upload is charged to: the signed-in caller, unless that one may speak for others (a backend that serves
 * many people). Nobody is signed in on a person's own machine, so there the request says it.
 */
function uploaderOf(
  asked: string | undefined,
  { identity }: Caller,
  delegates: readonly string[],
): string | undefined {
  if (identity === undefined || asked === undefined || asked === identity) return asked ?? identity;
  if (isListed(delegates, identity)) return asked;
  throw foreignUploader();
}
