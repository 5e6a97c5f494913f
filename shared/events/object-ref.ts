/** One version of one object in a bucket. `generation` is a growing integer, too large for a number: compare as BigInt. */
export interface ObjectRef {
  bucket: string;
  name: string;
  generation: string;
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareGenerations(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `gs://bucket/name#generation`, the form gcloud prints and accepts. */
export const objectUrl = (ref: ObjectRef): string => `gs://${ref.bucket}/${ref.name}#${ref.generation}`;
