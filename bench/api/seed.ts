import type { LocalCloud } from '../../local/cloud.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';

/** Ids of a completed and of a waiting result, which are written for it. */
export async function resultIds(cloud: LocalCloud): Promise<string[]> {
  const documents = new Documents({ projectId: cloud.clientEnv['GOOGLE_CLOUD_PROJECT'] ?? 'local' });
  const ids = ['a'.repeat(32), 'b'.repeat(32)];
  for (const [i, id] of ids.entries()) {
    const now = new Date();
    await documents.merge(`results/${id}`, {
      status: i === 0 ? 'completed' : 'preparing',
      profile: 'inventory',
      profileVersion: 1,
      source: {
        bucket: 'uploads',
        name: `inventory/${id}.jpg`,
        generation: '1700000000000001',
        contentType: 'image/jpeg',
        bytes: 1_000,
        md5: null,
        uploader: 'mia',
        uploadedAt: now,
      },
      ...(i === 0 ? { answer: { shelfId: 'A-07', items: [], confidence: 0.9 } } : {}),
      attempts: [],
      timings: {},
      claim: { owner: 'nobody', stage: 'resize', expiresAt: new Date(now.getTime() + 3_600_000), count: 1 },
      createdAt: now,
      updatedAt: now,
    });
  }
  await documents.close();
  return ids;
}
