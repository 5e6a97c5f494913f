import { readFile, rename, writeFile } from 'node:fs/promises';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import type { Recommendation } from '../../evaluation/recommend.ts';
import type { Variant } from '../../evaluation/variants.ts';
import { isDecisionStep } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { problemAt } from '../../shared/profiles/folder.ts';
import { CliError } from '../failure.ts';

/** Writes the recommended ladder into the profile's file, everything else as it was. @throws CliError */
export async function writeLadder(
  path: string,
  profile: Profile,
  variants: readonly Variant[],
  { verdict, says, ladder }: Recommendation,
): Promise<void> {
  if (verdict !== 'reached' && verdict !== 'uncertain')
    throw new CliError(`The ladder is not written: ${says}`, {
      hint: 'Label more pictures, try more variants, or lower --target.',
    });
  const written = withLadder(await readFile(path, 'utf8'), profile, variants, ladder);
  const read = readProfileText(profile.name, written);
  if ('problems' in read) {
    const sentences = read.problems.map((problem) => problemAt(path, problem));
    throw new CliError(`The ladder cannot be written: ${sentences.join('; ')}`);
  }
  await writeFile(`${path}.part`, written);
  await rename(`${path}.part`, path);
}

/** The text of a profile's file with another ladder; comments and order stay. */
export function withLadder(
  text: string,
  profile: Profile,
  variants: readonly Variant[],
  ladder: Pick<Recommendation['ladder'], 'steps' | 'minConfidence' | 'climbing' | 'maxSide' | 'lane'>,
): string {
  const document = parseDocument(text);
  const steps = ladder.steps.flatMap((id) => {
    const step = variants.find((variant) => variant.id === id)?.step;
    if (!step) return [];
    const { models, mediaResolution, ...rest } = step;
    return [{ model: models[0], mediaResolution, ...(isDecisionStep(step) ? {} : rest) }];
  });
  const list = document.createNode(steps);
  for (const item of list.items) if (isMap(item)) item.flow = true;
  document.set('ladder', list);
  document.set('maxSide', ladder.maxSide);
  // The standard lane is what is tried where nobody chose: it says nothing against the one in the file.
  if (ladder.lane !== 'standard') document.set('lane', ladder.lane);
  const [first] = ladder.steps;
  const decides = variants.some(({ id, step }) => id === first && isDecisionStep(step));
  if (decides || Object.hasOwn(profile.schema.shape, 'confidence'))
    document.set('minConfidence', ladder.minConfidence);
  noteChecks(document, profile, ladder.climbing);
  const version = document.get('version');
  // The ladder is a part of the question: earlier answers are those of another version.
  if (typeof version === 'number') document.set('version', version + 1);
  return document.toString({ lineWidth: 0 });
}

/** Checks that are not worth a climb are reported from now on. */
function noteChecks(document: Document, { checks = [] }: Profile, climbing: readonly string[]): void {
  const rows = document.get('checks');
  if (!isSeq(rows)) return;
  for (const [i, { name, reportsOnly }] of checks.entries()) {
    const climbs = climbing.includes(name);
    if (!climbs && !reportsOnly) document.setIn(['checks', i, 'whenBroken'], 'report');
    if (climbs && reportsOnly) document.deleteIn(['checks', i, 'whenBroken']);
  }
}
