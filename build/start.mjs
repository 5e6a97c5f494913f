// What the platform starts in a deployed function's folder: `node start.mjs` serves, `node start.mjs --warm` fills the
// compile cache while the image is built. The file is copied as it is, so it is plain JavaScript.
import { chmodSync, existsSync, readdirSync, symlinkSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

const warming = process.argv.includes('--warm');
const folder = join(import.meta.dirname, '.compile-cache');

if (!warming) adoptCache();
enableCompileCache(folder);

if (warming) {
  // Its variables are not there yet, so the function refuses to start; by then its code has been compiled.
  await import('./index.mjs').catch((error) => {
    if (error?.name !== 'ConfigError') throw error;
  });
  flushCompileCache();
  // Node writes them for the user who builds alone.
  for (const file of readdirSync(folder, { recursive: true })) chmodSync(join(folder, file), 0o755);
  process.exit();
}

const { serve } = await import('./index.mjs');
serve();

/**
 * Node keeps one cache per user id (`v24.1.0-x64-1a2b3c4d-0`); the image is built by another user than it runs as.
 * Compiled code only ever comes from this image, so that user's cache is as good as ours.
 */
function adoptCache() {
  const uid = process.getuid?.();
  if (uid === undefined || !existsSync(folder)) return;
  const [built] = readdirSync(folder);
  const mine = built?.replace(/-\d+$/, `-${uid}`);
  if (built === undefined || mine === undefined || existsSync(join(folder, mine))) return;
  try {
    symlinkSync(built, join(folder, mine));
  } catch {
    // A read-only folder costs some milliseconds of start-up, nothing else.
  }
}
