import type { ResultDocument } from '../../shared/results/document.ts';

/** The nth id: 32 hex characters. */
export const idNumber = (n: number): string => n.toString(16).padStart(32, '0');

const at = (milliseconds: number): Date => new Date(milliseconds);

/** A result that resize-image has just begun, changed as the test says. */
export function resultAt(createdAtMs: number, changes: Partial<ResultDocument> = {}): ResultDocument {
  return {
    status: 'preparing',
    profile: 'inventory',
    profileVersion: 1,
    source: {
      bucket: 'uploads',
      name: 'inventory/2026-11-20/shelf-0a1b2c3d4e5f.jpg',
      generation: '1700000000000001',
      contentType: 'image/jpeg',
      bytes: 4_200_000,
      md5: 'rL0Y20zC+Fzt72VPzMSk2A==',
      uploader: 'mia',
      uploadedAt: at(createdAtMs - 100),
    },
    attempts: [],
    timings: {},
    claim: { owner: 'secret-owner', stage: 'resize', expiresAt: at(createdAtMs + 75_000), count: 1 },
    createdAt: at(createdAtMs),
    updatedAt: at(createdAtMs),
    ...changes,
  };
}

/** Changes that make it a result whose picture is prepared. */
export const preparedAs = (id: string, bytes: number): Pick<ResultDocument, 'prepared'> => ({
  prepared: {
    bucket: 'prepared',
    name: `${id}/1700000000000001.jpg`,
    width: 2048,
    height: 1536,
    bytes,
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    reencoded: true,
  },
});

/** Changes that make it a completed inventory. */
export const answered = (updatedAtMs: number): Partial<ResultDocument> => ({
  status: 'completed',
  answer: { shelfId: 'A-07', items: [{ sku: '12345', quantity: 24, condition: 'new' }], confidence: 0.93 },
  model: {
    requested: 'gemini-3.5-flash-lite',
    version: 'local-reader-1',
    step: 0,
    mediaResolution: 'MEDIUM',
    confidence: 0.93,
    checks: [],
  },
  attempts: [
    {
      model: 'gemini-3.5-flash-lite',
      step: 0,
      outcome: 'answered',
      latencyMs: 812,
      tokens: { prompt: 640, image: 560, cached: 0, thoughts: 0, output: 61 },
      costUsd: null,
      at: at(updatedAtMs),
    },
  ],
  timings: {
    queueMs: 14,
    downloadMs: 22,
    resizeMs: 71,
    uploadMs: 18,
    modelMs: 812,
    storeMs: 9,
    totalMs: 960,
  },
  updatedAt: at(updatedAtMs),
});
