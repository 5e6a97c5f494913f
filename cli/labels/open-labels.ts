import type { Profile } from '../../shared/profiles/define.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { plural } from '../text/units.ts';
import { formProblems } from './check.ts';
import { labelsFromFeedback } from './from-feedback.ts';
import type { LabeledPicture, LabelSet } from './labeled.ts';
import { readLabels } from './read-labels.ts';

/** Labels of a folder, a file, or of what people said in the pipeline that the command talks to. */
export async function labelSet(
  cli: Cli,
  path: string | undefined,
  profile: Profile,
  fromFeedback: boolean,
): Promise<LabelSet> {
  if (fromFeedback && path !== undefined)
    throw new CliError('Labels come from a folder or from feedback, not from both.', {
      hint: 'Leave out one of them; pipeline labels export writes those of feedback into a folder.',
    });
  if (fromFeedback) return labelsFromFeedback(await cli.target(), profile);
  if (path !== undefined) return readLabels(path, cli.cwd);
  throw new CliError('Where are the labels?', {
    hint: 'Name a folder of pictures with a .json of what is right beside each, or add --from-feedback.',
  });
}

const MAX_SHOWN = 10;

/**
 * Labels that an evaluation can count on. Pictures without one are left out with a remark; a label that no answer of the
 * profile could match is refused, because it would count as an error of every model.
 */
export async function openLabels(
  cli: Cli,
  path: string | undefined,
  profile: Profile,
  fromFeedback: boolean,
): Promise<LabeledPicture[]> {
  const { labels, problems } = await labelSet(cli, path, profile, fromFeedback);
  const wrong = formProblems(labels, profile);
  if (wrong.length > 0) {
    const shown = wrong.slice(0, MAX_SHOWN).map(({ place, text }) => `${place}: ${text}`);
    throw new CliError(
      [`${plural(wrong.length, 'label')} do not fit ${profile.name}.`, ...shown].join('\n'),
      { hint: 'Correct them; pipeline labels check shows all.' },
    );
  }
  if (labels.length === 0) {
    throw new CliError(
      fromFeedback
        ? `No answer of ${profile.name} that somebody marked right or corrected is kept as a label.`
        : `There are no labels in ${path}.`,
      {
        hint: fromFeedback
          ? `Judge results on the page; \`pipeline labels keep -p ${profile.name}\` makes labels of verdicts from before they were kept.`
          : 'Put a .json with what is right beside each picture, or judge results on the page.',
      },
    );
  }
  if (problems.length > 0)
    cli.out.remark(`${plural(problems.length, 'picture')} left out; pipeline labels check says why.`);
  return labels;
}
