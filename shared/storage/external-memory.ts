import { setFlagsFromString } from 'node:v8';

/**
 * V8 starts a full collection for every few megabytes of buffers that a download brings, however small the heap beside
 * them: one a photo, 30 CPU ms each. With this flag buffers count towards the same growing limit as the heap. A warm
 * resize event went from 135 to 96 CPU ms, an analyze event from 31 to 20; a resize process holds 90 MiB
 * more (`npm run bench event`). Older V8 do not know it
 * and would complain.
 */
if (Number.parseFloat(process.versions.v8) >= 13.6)
  setFlagsFromString('--external-memory-accounted-in-global-limit');
