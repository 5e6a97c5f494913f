import { setFlagsFromString } from 'node:v8';

/**
 * V8 starts a full collection for every few megabytes of buffers that a download brings, however small the heap beside
 * them: one a photo, 30 CPU ms each. With this flag buffers count toward the same growing limit as the heap. A warm
 * resize event went from 130 to 93 CPU ms, an analyze event from 21 to 15; a resize process holds 90 MiB more
 * (`npm run bench event`). Older versions of V8 do not know the flag and would complain.
 */
export function accountExternalMemory(): void {
  if (Number.parseFloat(process.versions.v8) < 13.6) return;
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
