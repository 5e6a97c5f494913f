import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DECISION_MODEL } from '../../shared/profiles/decision-step.ts';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';
import { type Measured, throughPipeline } from './through-pipeline.ts';

const CATEGORIES = ['adult', 'violence', 'hate', 'selfHarm', 'illegalGoods', 'personalData'];
const DECIDED = 'moderation-by-decision';
const WRITTEN = 'moderation';
/** One picture in so many is not decided with confidence. */
const UNSURE = 10;

/** The same seven judgments written by the first step of the standard ladder, and decided, with a share that climbs. */
export async function moderations(
  pictures: readonly Buffer[],
): Promise<{ written: Measured; decided: Measured }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-moderation-'));
  try {
    await cp(PROFILES_FOLDER, folder, { recursive: true });
    await cp(join(PROFILES_FOLDER, 'examples', `${DECIDED}.yaml`), join(folder, `${DECIDED}.yaml`));
    const env = { PROFILES_FOLDER: folder };
    const written = await throughPipeline(pictures, {
      ...{ climbs: false, env, profile: WRITTEN },
      answers: [{ json: { ...JUDGMENTS, reason: 'Shelves with goods, nobody is seen.' }, times: 1_000_000 }],
    });
    const decided = await throughPipeline(pictures, {
      ...{ climbs: true, env, profile: DECIDED },
      answers: [
        ...pictures.map((_, i) => ({ model: DECISION_MODEL, json: decisionAbout(i) })),
        { json: { ...JUDGMENTS, showsPeople: false }, times: 1_000_000 },
      ],
    });
    return { written, decided };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const JUDGMENTS = { ...Object.fromEntries(CATEGORIES.map((name) => [name, 'none'])), confidence: 0.9 };

const decisionAbout = (i: number) => ({
  ...Object.fromEntries(
    CATEGORIES.map((name) => [name, { answer: 'none', probability: i % UNSURE === 0 ? 0.8 : 0.98 }]),
  ),
  showsPeople: 0.02,
});
