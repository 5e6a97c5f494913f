import { composePrompt, type Prompt } from '../../shared/model/prompt.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import { type RecordedCall, readRecorded } from '../../shared/model/recorded-calls.ts';
import type { ModelRequest, StoredPicture } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { questionOf } from '../../shared/results/batches/waiting.ts';
import type { Claim } from '../../shared/results/claim.ts';
import { type Prepared, type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { MAX_PREPARED_BYTES } from '../../shared/results/id.ts';
import { consider } from './consider.ts';
import type { BatchDependencies } from './dependencies.ts';

/** A picture of a job, without the weight of its document. */
export interface Member {
  id: string;
  picture: Prepared;
  profile: AskedProfile;
  /** Calls that earlier jobs have made. */
  calls: readonly RecordedCall[];
}

/** Undefined for a picture that is not, or no longer, this job's. */
export function claimOf(
  job: string,
  { id, data, version }: Pick<Claim, 'id' | 'version'> & { data: Record<string, unknown> },
): Claim | undefined {
  const document = resultDocument.safeParse(data).data;
  if (document?.batch?.job !== job || document.claim.owner !== job) return undefined;
  return { id, owner: job, document, startedAt: Date.now(), version, storeMs: 0 };
}

/** The profile of a picture, as its document names it. */
interface AskedProfile {
  name: string;
  version: number;
  isAskedAnew: boolean;
}

export const askedProfileOf = ({
  profile: name,
  profileVersion: version,
  claim,
}: ResultDocument): AskedProfile => ({
  name,
  version,
  isAskedAnew: claim.asksAnew ?? false,
});

export const profileOf = (
  { profileAsked }: Pick<BatchDependencies, 'profileAsked'>,
  { name, version, isAskedAnew }: AskedProfile,
): Promise<Profile | undefined> => profileAsked(name, version, isAskedAnew);

/** What is asked of a picture now, and what was answered of it. */
export interface Asked {
  profile: Profile;
  prompt: Prompt;
  question: string;
  image: StoredPicture;
  /** None where the profile asks something else by now. */
  calls: readonly RecordedCall[];
}

type Sources = Pick<BatchDependencies, 'profileAsked' | 'referencesOf' | 'buckets' | 'log'>;

/** Prompts of profiles as they are now: composed once for all pictures of a run. */
const prompts = new WeakMap<Profile, { prompt: Prompt; question: string }>();

export function promptOf(profile: Profile, referencesOf: BatchDependencies['referencesOf']) {
  const known = prompts.get(profile);
  if (known) return known;
  const references = referencesOf(profile);
  const made = { prompt: composePrompt(profile, references), question: questionOf(profile, references) };
  prompts.set(profile, made);
  return made;
}

/** Undefined for a picture whose profile is gone. */
export async function askedOf(sources: Sources, document: ResultDocument): Promise<Asked | undefined> {
  const { prepared, batch } = document;
  const profile = await profileOf(sources, askedProfileOf(document));
  if (!profile || !prepared) return undefined;
  const { prompt, question } = promptOf(profile, sources.referencesOf);
  const calls = batch?.question === question ? readRecorded(batch.replies) : [];
  return { profile, prompt, question, image: pictureOf(sources, prepared), calls };
}

/** Read only by checks that look at the picture. */
const pictureOf = ({ buckets }: Sources, prepared: Prepared): StoredPicture => ({
  mimeType: 'image/jpeg',
  uri: `gs://${prepared.bucket}/${prepared.name}`,
  read: async (signal) =>
    (await buckets.readOnlyVersion(prepared, { maxBytes: MAX_PREPARED_BYTES, signal })).toString('base64'),
  exists: async () => (await buckets.find(prepared)) !== undefined,
});

export const considerAsked = (
  { log }: Sources,
  { profile, prompt, image }: Asked,
  calls: readonly RecordedCall[],
  signal: AbortSignal,
) =>
  consider(
    { profile, prompt, image, ...(profile.checks ? { codes: lookForCodes(image, log) } : {}) },
    calls,
    signal,
  );

/** The call that a picture needs next; undefined when it needs none. */
export async function nextRequest(
  sources: Sources,
  asked: Asked,
  signal: AbortSignal,
): Promise<ModelRequest | undefined> {
  const { next } = await considerAsked(sources, asked, asked.calls, signal);
  return next.kind === 'asks' ? next.request : undefined;
}
