import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cost } from '../measure.ts';

/** bash's own clock has milliseconds; its `time` counts both ends of the pipe. */
const SCRIPT =
  'TIMEFORMAT="%3R %3U %3S"; time djpeg -dct int -scale "$2" "$1" | cjpeg -quality 85 >/dev/null';

/** Whether libjpeg-turbo's tools and bash are installed. */
export const hasFloor = (): boolean =>
  ['djpeg', 'cjpeg'].every((tool) => spawnSync('bash', ['-c', `command -v ${tool}`]).status === 0);

/**
 * The least that any JPEG shrinker pays: libjpeg-turbo decodes to about the target size (the nearest eighth below or
 * at it) and encodes. No filter, no upright turning, no colors; two processes are started.
 */
export async function floor(path: string, scale: string): Promise<Cost> {
  const { stderr } = await promisify(execFile)('bash', ['-c', SCRIPT, 'floor', path, scale]);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(/\s+/).map(Number);
  return { cpuMs: (user + system) * 1000, wallMs: wall * 1000 };
}
