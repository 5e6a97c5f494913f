import { createHash } from 'node:crypto';
import { z } from 'zod';
import { choicesIn } from '../../evaluation/cells.ts';
import { issueText } from '../../shared/model/prompt.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { nearName } from '../../shared/profiles/file/near-name.ts';
import type { LabeledPicture, LabelProblem } from './labeled.ts';

/** What in the labels no answer of the profile could ever be: a mistake of the label, not of a model. */
export function formProblems(labels: readonly LabeledPicture[], profile: Profile): LabelProblem[] {
  return labels.flatMap((label) =>
    sentencesAbout(label.answer, profile).map((text) => ({ place: label.place, text })),
  );
}

function sentencesAbout(answer: Readonly<Record<string, unknown>>, profile: Profile): string[] {
  const { shape } = profile.schema;
  const names = Object.keys(answer);
  const known = Object.keys(shape);
  if (names.length === 0) return ['it says nothing'];
  return names.flatMap((name) => {
    const field = shape[name];
    if (!field) {
      const meant = nearName(name, known);
      return [
        `${name} is no field of ${profile.name}; ${meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`}`,
      ];
    }
    return alternatives(answer[name]).flatMap((value) => {
      const parsed = z.object({ [name]: field }).safeParse({ [name]: value });
      // What a label leaves out is not compared, in entries of lists either.
      const issues = (parsed.error?.issues ?? []).filter(({ path }) => isThere({ [name]: value }, path));
      return issues.length === 0 ? [] : [issueText(issues)];
    });
  });
}

const isThere = (value: unknown, path: readonly PropertyKey[]): boolean =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : at),
    value,
  ) !== undefined;

/** Values that may stand for this one: the schema knows nothing of several right ones. */
function alternatives(value: unknown): unknown[] {
  const choices = choicesIn(value);
  if (choices) return choices.flatMap(alternatives);
  if (Array.isArray(value)) return [value.map((entry) => alternatives(entry)[0])];
  if (typeof value !== 'object' || value === null) return [value];
  return [Object.fromEntries(Object.entries(value).map(([name, one]) => [name, alternatives(one)[0]]))];
}

/** Pictures that come twice, which count twice, and those that are labeled in two ways. */
export async function repeatProblems(
  labels: readonly LabeledPicture[],
  signal: AbortSignal,
): Promise<LabelProblem[]> {
  const first = new Map<string, LabeledPicture>();
  const problems: LabelProblem[] = [];
  for (const label of labels) {
    const hash = createHash('sha256')
      .update(await label.read(signal))
      .digest('hex');
    const earlier = first.get(hash);
    if (!earlier) first.set(hash, label);
    else {
      const same = JSON.stringify(earlier.answer) === JSON.stringify(label.answer);
      problems.push({
        place: label.place,
        text: `it is the same picture as ${earlier.name}${same ? '' : ', labeled in another way'}`,
      });
    }
  }
  return problems;
}
