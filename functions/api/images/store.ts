import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../../../shared/base/log.ts';
import { cutText } from '../../../shared/base/text.ts';
import { AlreadyThere, type Buckets } from '../../../shared/cloud/storage/buckets.ts';
import type { ObjectRef } from '../../../shared/cloud/storage/object.ts';
import type { Accepted } from '../../../shared/results/api/answers.ts';
import { resultId } from '../../../shared/results/id.ts';
import type { ResultReader } from '../../../shared/results/reading.ts';
import { Problem } from '../problem.ts';
import { byteLimit } from './byte-limit.ts';
import { objectName } from './object-name.ts';
import type { ReceivedFile } from './receive.ts';
import { keyInUse, keyReused, type RepeatEntry, type Repeats } from './repeats.ts';
import type { UploadMetadata } from './settings.ts';
import type { Submissions } from './submissions.ts';

export interface StoreDependencies {
  buckets: Pick<Buckets, 'upload' | 'find' | 'delete'>;
  reader: Pick<ResultReader, 'get'>;
  repeats: Repeats;
  submissions: Submissions;
  uploadsBucket: string;
  /** Of one file. */
  maxBytes: number;
  log: Log;
}

/** One file of a submit. */
interface Submitted {
  file: ReceivedFile;
  metadata: UploadMetadata;
  /** The caller's key and the file's place in the form; undefined without an Idempotency-Key. */
  repeat: { caller: string; key: string; index: number } | undefined;
  /** Told of every piece that arrives. */
  onMove: () => void;
}

export interface StoredFile {
  accepted: Accepted;
  /** The object, if it was this submit that made it. */
  created: ObjectRef | undefined;
}

/** Streams one picture into the bucket; a repeated submit finds the first one's object instead. */
export async function store(
  deps: StoreDependencies,
  submitted: Submitted,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { file, metadata, repeat } = submitted;
  const wanted = objectName(metadata.profile, file, new Date(Date.now()));
  const slot = repeat && (await deps.repeats.open({ ...repeat, name: wanted, facts: factsOf(submitted) }));
  const name = slot?.name ?? wanted;
  const id = resultId({ bucket: deps.uploadsBucket, name });
  const known = slot && (await md5OfFirst(deps, slot, id));
  const created = known === undefined ? await create(deps, submitted, name, slot, signal) : undefined;
  if (known !== undefined) await compare(deps, submitted, known, signal);
  const { index, name: fileName } = file;
  return {
    accepted: { index, fileName, id, status: 'queued', name, resultUrl: `/v1/results/${id}` },
    created,
  };
}

const factsOf = ({ file, metadata }: Submitted): unknown[] => [
  file.name,
  imageType(file.contentType),
  Object.entries(metadata).sort(),
];

/**
 * MD5 of what an earlier submit of the same key stored, if it did and there is still something of it: a picture that was
 * deleted since is stored again. The upload may be gone before its result, which then stands for it.
 */
async function md5OfFirst(
  deps: StoreDependencies,
  { state, name }: RepeatEntry,
  id: string,
): Promise<string | undefined> {
  if (state.kind === 'new') return undefined;
  const object = await deps.buckets.find({ bucket: deps.uploadsBucket, name });
  if (object) return object.md5;
  return state.kind === 'stored' && (await deps.reader.get(id)) ? state.md5 : undefined;
}

async function create(
  deps: StoreDependencies,
  submitted: Submitted,
  name: string,
  slot: RepeatEntry | undefined,
  signal: AbortSignal,
): Promise<ObjectRef> {
  const { file, metadata } = submitted;
  const target = { bucket: deps.uploadsBucket, name };
  const id = resultId(target);
  const limited = limitedContent(deps, submitted);
  // Without it the picture is answered all the same; only `queued` cannot be shown for a moment.
  const remembering = deps.submissions
    .remember(id, name)
    .catch((error: unknown) => deps.log.warn('api.not-remembered', { id, error: String(error) }));
  const stored = await deps.buckets
    .upload(target, limited, {
      contentType: imageType(file.contentType),
      metadata,
      signal,
      ifAbsent: slot !== undefined,
    })
    .catch((error: unknown) => {
      if (error instanceof AlreadyThere) throw keyInUse();
      // To Storage's client the caller's mistake is just a broken stream.
      throw limited.errored instanceof Problem ? limited.errored : error;
    });
  await remembering;
  if (slot?.state.kind === 'stored' && stored.md5 !== slot.state.md5) {
    await deps.buckets.delete(stored.ref);
    throw keyReused();
  }
  if (slot && stored.md5 !== undefined) {
    await deps.repeats
      .stored(slot, stored.md5)
      .catch((error: unknown) => deps.log.warn('api.repeat-not-noted', { id, error: String(error) }));
  }
  deps.log.info('api.accepted', { id, ref: stored.ref, bytes: stored.bytes });
  return stored.ref;
}

/** Reads the picture without storing it; throws KEY_REUSED when it is not the one of the first submit. */
async function compare(
  deps: StoreDependencies,
  submitted: Submitted,
  md5: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('md5');
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
  await pipeline(limitedContent(deps, submitted), sink, { signal });
  if (hash.digest('base64') !== md5) throw keyReused();
}

function limitedContent({ maxBytes }: StoreDependencies, { file, onMove }: Submitted) {
  const { name, content, followed } = file;
  const limited = byteLimit({ fileName: labelOf(name), maxBytes, onMove, followed });
  content.once('error', (error) => limited.destroy(error));
  return content.pipe(limited);
}

export const labelOf = (fileName: string): string => (fileName === '' ? 'The file' : cutText(fileName, 120));

/** Kept only for the eyes of people who list the bucket: the pipeline looks at the bytes. */
const imageType = (declared: string): string =>
  /^image\/[a-z0-9.+-]{1,60}$/i.test(declared) ? declared.toLowerCase() : 'application/octet-stream';
