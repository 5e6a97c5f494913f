import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { describe, expect, it } from 'vitest';
import { startStorageServer } from '../../../local/storage/server.ts';
import { download, refusal, server, uploads } from './fixture.ts';

export function preconditionFacts(): void {
  describe('preconditions', () => {
    it('let exactly one of 20 concurrent creators win', async () => {
      const file = uploads.file('contended');
      const attempts = Array.from({ length: 20 }, (_, i) =>
        file.save(`writer ${i}`, { resumable: i % 2 === 0, preconditionOpts: { ifGenerationMatch: 0 } }),
      );
      const outcomes = await Promise.allSettled(attempts);
      const lost = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason.code] : [],
      );
      expect(lost).toEqual(Array(19).fill(412));
    });

    it('protect overwriting, patching and deleting by generation and metageneration', async () => {
      const file = uploads.file('guarded');
      await file.save('1', { resumable: false });
      const stale = { ifGenerationMatch: 1 };
      expect(await refusal(file.save('2', { resumable: false, preconditionOpts: stale }))).toBe(412);
      expect(await refusal(file.setMetadata({ contentType: 'a/b' }, { ifMetagenerationMatch: 9 }))).toBe(412);
      expect(await refusal(file.delete(stale))).toBe(412);
      expect(await download(file)).toBe('1');
    });

    it('answer 304 to a reader who knows the generation', async () => {
      const file = uploads.file('known');
      await file.save('1', { resumable: false });
      const [{ generation }] = await file.getMetadata();
      const url = `${server.url}/storage/v1/b/uploads/o/known?ifGenerationNotMatch=${generation}`;
      expect((await fetch(url)).status).toBe(304);
    });
  });

  describe('generations', () => {
    it('grow, and an overwritten one is gone', async () => {
      const file = uploads.file('versions');
      await file.save('old', { resumable: false });
      const [old] = await file.getMetadata();
      expect(await download(uploads.file('versions', { generation: String(old.generation) }))).toBe('old');
      await file.save('new', { resumable: false });
      const [current] = await file.getMetadata();
      expect(BigInt(String(current.generation))).toBeGreaterThan(BigInt(String(old.generation)));
      const gone = uploads.file('versions', { generation: String(old.generation) });
      expect(await refusal(gone.getMetadata())).toBe(404);
      expect(await refusal(gone.download())).toBe(404);
      expect(await download(file)).toBe('new');
    });

    it('stay readable and listed in a server with versioning', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'versioned-'));
      const versioned = await startStorageServer({ dataDir: folder, buckets: ['kept'], versioning: true });
      const bucket = new Storage({ projectId: 'local', apiEndpoint: versioned.url }).bucket('kept');
      const file = bucket.file('a');
      await file.save('one', { resumable: false });
      const [first] = await file.getMetadata();
      await file.save('two', { resumable: false });
      await file.delete();
      expect((await file.exists())[0]).toBe(false);
      expect(await download(bucket.file('a', { generation: String(first.generation) }))).toBe('one');
      expect((await bucket.getFiles({ versions: true }))[0]).toHaveLength(2);
      expect((await bucket.getFiles())[0]).toHaveLength(0);
      await versioned.close();
      await rm(folder, { recursive: true });
    });
  });
}
