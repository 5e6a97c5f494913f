import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DECISION_MODEL } from '../../shared/profiles/decision-step.ts';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';
import { type Measured, throughPipeline } from './through-pipeline.ts';

/** One picture in so many is not what the profile is for. */
const UNSUITABLE = 5;

/** The ladder behind a gate of one question: what is no shelf is refused before its answer is paid. */
export async function throughGate(pictures: readonly Buffer[]): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gate-'));
  try {
    await cp(PROFILES_FOLDER, folder, { recursive: true });
    const file = join(folder, 'inventory.yaml');
    const gate = 'gate: [{ ask: Does the picture show a shelf with goods? }]\n';
    await writeFile(file, `${await readFile(file, 'utf8')}\n${gate}`);
    const script = pictures.map((_, i) => ({
      model: DECISION_MODEL,
      json: { q1: i % UNSUITABLE === UNSUITABLE - 1 ? 0.02 : 0.97 },
    }));
    return await throughPipeline(pictures, {
      climbs: true,
      env: { PROFILES_FOLDER: folder },
      behavior: { script },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
