import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { brokenBytes, bytesOf, type Member } from './population.ts';

/** One version of an object as it was really stored. */
export interface Uploaded {
  member: Member;
  /** Of the version that counts in the end. */
  generation: string;
  /** Epoch milliseconds when that version was there. */
  at: number;
  versions: number;
}

const CONTENT_TYPE = 'image/jpeg';

/** Does what people do: uploads everything at its time, writes over some and deletes some. */
export async function uploadAll(buckets: Buckets, members: readonly Member[]): Promise<Uploaded[]> {
  const startedAt = Date.now();
  return Promise.all(
    members.map(async (member) => {
      await sleep(startedAt + member.atMs - Date.now());
      return uploadOne(buckets, member);
    }),
  );
}

async function uploadOne(buckets: Buckets, member: Member): Promise<Uploaded> {
  const { name, fate, picture, wish } = member;
  const options = { contentType: CONTENT_TYPE, metadata: wish.metadata };
  const target = { bucket: UPLOADS_BUCKET, name };
  const bytes = fate.kind === 'broken' ? await brokenBytes(fate.how, picture) : await bytesOf(picture);
  await patiently(() => buckets.create(target, bytes, options));
  let { generation } = (await patiently(() => buckets.stat(target))).ref;
  let at = Date.now();
  if (fate.kind === 'overwritten') {
    await sleep(fate.afterMs);
    const second = await bytesOf(fate.second);
    const replaces = generation;
    await patiently(() => buckets.create(target, second, { ...options, replaces }));
    ({ generation } = (await patiently(() => buckets.stat(target))).ref);
    at = Date.now();
  }
  if (fate.kind === 'deleted') {
    await sleep(fate.afterMs);
    const ref = { ...target, generation };
    await patiently(() => buckets.delete(ref));
  }
  return { member, generation, at, versions: fate.kind === 'overwritten' ? 2 : 1 };
}

/** A person tries again when Storage does not answer. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
