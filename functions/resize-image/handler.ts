import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { cutText } from '../../shared/base/text.ts';
import type { ObjectEvent } from '../../shared/cloud/events/object-event.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { type ObjectRef, objectUrl } from '../../shared/cloud/storage/object.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import {
  DEFAULT_PROFILE,
  profileNamed,
  profileOfUpload,
  wantedPicture,
} from '../../shared/profiles/index.ts';
import { chooseLane, type LaneChoice, objectionToLane, wishIn } from '../../shared/profiles/lane-choice.ts';
import { type Claim, waitedMs } from '../../shared/results/claim.ts';
import type { Source, Timings } from '../../shared/results/document.ts';
import { preparedName, resultId } from '../../shared/results/id.ts';
import type { Likeness, LikenessScope } from '../../shared/results/likeness.ts';
import { type Control, isForWantOfAccess } from '../../shared/results/pauses.ts';
import type { Recovery } from '../../shared/results/recovery/recovery.ts';
import type { Results } from '../../shared/results/results.ts';
import { objectionTo } from '../../shared/results/webhooks/address.ts';
import { type DeletionDependencies, deleteWithUpload, removeGone, removeLate } from './deletion.ts';
import type { NormalizedPicture, NormalizeOptions } from './picture/normalize.ts';
import type { PixelGate } from './picture/pixel-gate.ts';

interface ResizeDependencies {
  buckets: Pick<Buckets, 'read' | 'create' | 'exists' | 'delete' | 'list'>;
  results: Results;
  recovery: Pick<Recovery, 'head' | 'remove'>;
  control: Pick<Control, 'pauseOf'>;
  forgetLabel: DeletionDependencies['forgetLabel'];
  /** Whether somebody answers while no model lets us call it, so that pictures are wanted all the same. */
  hasFallback: boolean;
  normalize: (input: Buffer, options: NormalizeOptions) => Promise<NormalizedPicture>;
  /** For profiles that take over the answers of look-alikes. */
  likenessOf: (jpeg: Buffer, scope: LikenessScope) => Promise<Likeness | undefined>;
  /** Where pictures wait for their turn to be decoded. */
  gate?: PixelGate;
  log: Log;
  uploadsBucket: string;
  preparedBucket: string;
  maxBytes: number;
  maxPixels: number;
  timeLimitMs: number;
  leaseMs: number;
  /** Whether deleting an upload deletes what was made from it. */
  deleteWithUpload: boolean;
  /** Whether webhooks may lead to this machine. */
  loopback: boolean;
}

/** A pause without an end is looked at again after this time. */
const MAX_PARK_MS = 3_600_000;

/** One upload in, one prepared picture out. Throws only if delivering the event again could help. */
export const createResize =
  (deps: ResizeDependencies) =>
  async (event: ObjectEvent, signal: AbortSignal): Promise<void> => {
    const { results, log, uploadsBucket } = deps;
    const { ref } = event;
    // The loop guard: whatever metadata says, only the uploads bucket is ever read.
    if (ref.bucket !== uploadsBucket) return log.warn('resize.foreign-bucket', { ref });
    if (event.kind === 'deleted' && deps.deleteWithUpload)
      return log.info('resize.upload-deleted', { ref, outcome: await deleteWithUpload(deps, event) });
    if (event.kind !== 'finalized') return log.info('resize.ignored', { ref, kind: event.kind });
    if (ref.name.endsWith('/')) return log.info('resize.folder', { ref });

    const { profile, refusal } = await profileOf(event);
    const { webhook, lane, passedOver } = wishesOf(deps, event, profile);
    const upload = {
      id: resultId(ref),
      source: { ...sourceOf(event), ...(passedOver.length > 0 ? { passedOver } : {}) },
      profile: profile.name,
      profileVersion: profile.version,
      ...(webhook === undefined ? {} : { webhook }),
      ...(lane === undefined ? {} : { lane }),
    };
    const outcome = await results.claimUpload(upload, deps.leaseMs);
    switch (outcome.kind) {
      case 'done':
      case 'superseded':
      case 'absent':
        return log.info('resize.nothing-to-do', { ref, because: outcome.kind });
      case 'busy':
        // Returning would lose the event if the owner dies.
        throw new PipelineError(
          'CLAIM_BUSY',
          `${objectUrl(ref)} is being prepared until ${outcome.until.toISOString()}.`,
        );
      case 'runaway':
        return settle(deps, outcome.claim, outcome.failure, {});
      case 'claimed':
        if (refusal) return settle(deps, outcome.claim, refusal, {});
        return (await parkedByPause(deps, outcome.claim))
          ? log.info('resize.paused', { id: upload.id })
          : prepare(deps, event, profile, outcome.claim, signal);
    }
  };

/** Asked after the claim, so that the image is on record and the sweep takes it up when the pause is over. */
async function parkedByPause(
  { control, hasFallback, results }: ResizeDependencies,
  claim: Claim,
): Promise<boolean> {
  const pause = await control.pauseOf('pipeline');
  if (!pause || (hasFallback && isForWantOfAccess(pause))) return false;
  const until = new Date(Math.min(pause.until, Date.now() + MAX_PARK_MS));
  await results.park(claim, new PipelineError(pause.code, pause.reason), until, []);
  return true;
}

async function prepare(
  deps: ResizeDependencies,
  event: ObjectEvent,
  profile: Profile,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { buckets, results, log } = deps;
  const timings: Timings = event.createdAt === undefined ? {} : { queueMs: waitedMs(claim, event.createdAt) };
  try {
    refuseByDeclaredSize(event, deps.maxBytes);

    const downloading = Date.now();
    const original = await buckets.read(event.ref, { maxBytes: deps.maxBytes, signal });
    timings.downloadMs = Date.now() - downloading;

    const resizing = Date.now();
    const picture = await deps.normalize(original, {
      ...wantedPicture(profile),
      maxPixels: deps.maxPixels,
      timeLimitMs: deps.timeLimitMs,
      signal,
      ...(deps.gate ? { gate: deps.gate } : {}),
    });
    timings.resizeMs = Date.now() - resizing;

    const { bytes, source, ...facts } = picture;
    const target = { bucket: deps.preparedBucket, name: preparedName(claim.id, event.ref.generation) };
    const { uploader } = claim.document.source;
    const scope = { profile: profile.name, uploader, cacheTtlHours: profile.cacheTtlHours };
    const likeness = profile.similar === undefined ? undefined : await deps.likenessOf(bytes, scope);
    // Recorded first: the analysis may begin before the write below has answered.
    const prepared = { ...target, ...facts, bytes: bytes.length, ...(likeness ? { likeness } : {}) };
    await results.recordPrepared(claim, prepared, source, timings);
    const written = await write(deps, claim, target, bytes, signal);
    if (!(await buckets.exists(event.ref)) && (await removeLate(deps, claim.id, event.ref)))
      return log.info('resize.upload-gone', { id: claim.id });
    log.info('resize.done', { id: claim.id, ref: event.ref, written, ...timings });
  } catch (error) {
    await settle(deps, claim, PipelineError.from(error), timings);
  }
}

/** A replay may want the picture that is there replaced; else, and where it is gone, none of its name may be there. */
async function write(
  { buckets }: ResizeDependencies,
  { document: { claim } }: Claim,
  target: Pick<ObjectRef, 'bucket' | 'name'>,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<'created' | 'exists'> {
  const options = { contentType: 'image/jpeg', metadata: { prepared: 'true' }, signal };
  const { replaces } = claim;
  if (replaces !== undefined) {
    const replaced = await buckets.create(target, bytes, { ...options, replaces });
    if (replaced === 'created') return replaced;
  }
  return buckets.create(target, bytes, options);
}

function refuseByDeclaredSize({ bytes, ref }: ObjectEvent, maxBytes: number): void {
  if (bytes === 0) throw new PipelineError('NOT_AN_IMAGE', `${objectUrl(ref)} is empty.`);
  if (bytes !== undefined && bytes > maxBytes) {
    throw new PipelineError(
      'TOO_MANY_BYTES',
      `The file has ${bytes} bytes; at most ${maxBytes} are accepted.`,
    );
  }
}

/**
 * The event of its deletion may have come before that of its arrival: then no other event follows. What was read was
 * there when its document was; what is refused unread, for its size or its profile, has to be looked for.
 */
const mayBeGone = ({ code, disposition }: PipelineError, { downloadMs }: Timings): boolean =>
  code === 'SOURCE_GONE' || (downloadMs === undefined && !disposition.redeliver);

/** Decides what a failure means for the document and for the delivery: the only place of this function that does. */
async function settle(
  deps: ResizeDependencies,
  claim: Claim,
  failure: PipelineError,
  timings: Timings,
): Promise<void> {
  const { results, log } = deps;
  if (isFailure(failure, 'SUPERSEDED')) return log.info('resize.superseded', { id: claim.id });
  if (deps.deleteWithUpload && mayBeGone(failure, timings) && (await removeGone(deps, claim)))
    return log.info('resize.upload-gone', { id: claim.id });
  log.error('resize.failed', failure, { id: claim.id });
  if (!failure.disposition.redeliver) return results.end(claim, failure, { timings });
  // If the claim cannot be released now, it expires.
  await results
    .release(claim, claim.document.attempts, failure)
    .catch((error: unknown) => log.warn('claim.kept', { id: claim.id, error: String(error) }));
  throw failure;
}

/** An upload that asks for an unknown profile is recorded under the default one and refused. */
async function profileOf({
  ref,
  metadata,
}: ObjectEvent): Promise<{ profile: Profile; refusal?: PipelineError }> {
  try {
    return { profile: await profileOfUpload(ref.name, metadata) };
  } catch (error) {
    const profile = profileNamed(DEFAULT_PROFILE);
    if (!profile || !isFailure(error, 'UNKNOWN_PROFILE')) throw error;
    return { profile, refusal: PipelineError.from(error) };
  }
}

/**
 * Who is notified of the result, and how its calls are served: as the upload wishes, else as the profile says. What cannot
 * be met is passed over, and the result says so: metadata is checked by nobody before.
 */
function wishesOf(
  { log, loopback }: ResizeDependencies,
  { metadata, ref }: ObjectEvent,
  profile: Profile,
): { webhook?: string; lane?: LaneChoice; passedOver: string[] } {
  const passedOver: string[] = [];
  const url = metadata['webhook'] ?? profile.webhook;
  const toUrl = url === undefined ? undefined : objectionTo(url, { loopback });
  if (toUrl !== undefined) {
    log.warn('resize.webhook-refused', { ref, objection: toUrl });
    passedOver.push(`webhook: ${toUrl}`);
  }
  const webhook = url === undefined || toUrl !== undefined ? {} : { webhook: url };
  const said = metadata['lane'] ?? metadata['patience'] ?? profile.lane ?? profile.patience;
  if (said === undefined) return { ...webhook, passedOver };
  const wish = wishIn(metadata);
  const toLane = objectionToLane(wish);
  if (toLane !== undefined) {
    log.warn('resize.lane-refused', { ref, objection: toLane });
    passedOver.push(toLane);
  }
  const lane = chooseLane(wish, profile);
  return { ...webhook, ...(lane ? { lane } : {}), passedOver };
}

/** As long as an e-mail address may be (RFC 5321); budgets and books are kept under it. */
const MAX_UPLOADER_CHARACTERS = 254;

/** Anybody who may write to the bucket chooses it. */
const uploaderOf = (stated: string | undefined): string | null => {
  if (stated === undefined) return null;
  const name = cutText(stated.trim(), MAX_UPLOADER_CHARACTERS);
  return name === '' ? null : name;
};

function sourceOf({ ref, bytes, contentType, md5, metadata, createdAt }: ObjectEvent): Source {
  return {
    ...ref,
    contentType: contentType ?? null,
    bytes: bytes ?? null,
    md5: md5 ?? null,
    uploader: uploaderOf(metadata['uploader']),
    uploadedAt: createdAt === undefined ? null : new Date(createdAt),
    ...(metadata['refresh'] === 'true' ? { refresh: true } : {}),
  };
}
