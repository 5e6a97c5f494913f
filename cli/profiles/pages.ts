import { isDecisionStep } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { wantedPicture } from '../../shared/profiles/index.ts';
import { formInWords } from '../../shared/profiles/schema/form-in-words.ts';
import { fieldPath, type Shape } from '../../shared/profiles/schema/shape.ts';
import type { Output } from '../output.ts';
import { printAnswer } from '../results/answer.ts';
import { printAttempts } from '../results/attempts.ts';
import { placesInWords } from '../text/places.ts';
import { plain } from '../text/plain.ts';
import { probabilitiesInWords } from '../text/probabilities.ts';
import { formatBytes, formatCount, formatDuration } from '../text/units.ts';
import { wrap } from '../text/width.ts';
import type { ReferenceFacts } from './references.ts';
import type { Trial } from './trial.ts';

/** Text is read best in lines of about this many cells. */
const TEXT_CELLS = 100;

export function printProfile(
  out: Output,
  profile: Profile,
  shape: Shape,
  references: readonly ReferenceFacts[],
): void {
  out.line(`${out.bold(profile.name)}  ${out.dim(`version ${profile.version}`)}`);
  for (const line of wrap(profile.prompt, Math.min(out.width, TEXT_CELLS) - 2)) out.line(`  ${line}`);
  out.line();
  out.line(out.bold('Answer'));
  out.table(
    [{ title: 'FIELD' }, { title: 'TYPE' }, { title: 'MEANING', shrinkTo: 20 }],
    fieldRows(shape),
    '  ',
  );
  printReferences(out, references);
  out.line();
  out.line(`${out.bold('Models')}  ${out.dim('asked in this order until one is sure enough')}`);
  out.table(
    [
      { title: 'STEP', align: 'right' },
      { title: 'MODEL' },
      { title: 'RESOLUTION' },
      { title: 'THINKING' },
      { title: 'MAX OUTPUT', align: 'right' },
    ],
    profile.ladder.map((step, index) => [
      String(index + 1),
      step.models.join(', '),
      step.mediaResolution,
      ...(isDecisionStep(step)
        ? ['–', 'decides']
        : [step.thinkingLevel, `${formatCount(step.maxOutputTokens)} tokens`]),
    ]),
    '  ',
  );
  out.line();
  const { maxSide, maxBytes, preparation } = wantedPicture(profile);
  out.line(
    out.dim(
      `  Pictures are at most ${maxSide} pixels on their long side, about ${formatBytes(maxBytes)} at most, ${preparation}.`,
    ),
  );
  out.line(out.dim(`  Answers below a confidence of ${profile.minConfidence} go to the next step.`));
}

function printReferences(out: Output, references: readonly ReferenceFacts[]): void {
  if (references.length === 0) return;
  out.line();
  out.line(`${out.bold('Reference pictures')}  ${out.dim('sent with every question, before the picture')}`);
  out.table(
    [
      { title: 'FILE', shrinkTo: 16 },
      { title: 'SIZE' },
      { title: 'BYTES', align: 'right' },
      { title: 'SHOWS', shrinkTo: 20 },
    ],
    references.map(({ file, caption, bytes, width, height }) => [
      file,
      `${width} × ${height}`,
      formatBytes(bytes),
      plain(caption),
    ]),
    '  ',
  );
}

/** A row for each field, those of objects and of entries of lists below it. */
function fieldRows(shape: Shape, path = ''): string[][] {
  if (shape.kind === 'list') return fieldRows(shape.items, `${path}[]`);
  if (shape.kind !== 'object') return [];
  return shape.fields.flatMap(({ name, shape: field, required }) => {
    const below = fieldPath(path, name);
    const row = [below, `${typeOf(field)}${required ? '' : ', may be missing'}`, field.description ?? ''];
    return [row, ...fieldRows(field, below)];
  });
}

function typeOf(shape: Shape): string {
  const nullable = shape.nullable ? ' or null' : '';
  switch (shape.kind) {
    case 'choice':
      return shape.values.join(' | ') + nullable;
    case 'list': {
      const { kind } = shape.items;
      const inside = kind === 'object' ? 'entries' : kind === 'text' ? 'strings' : `${kind}s`;
      return `up to ${shape.maxItems ?? 'any number of'} ${inside}${nullable}`;
    }
    case 'text':
    case 'union':
      return formInWords(shape);
    default:
      return shape.kind + nullable;
  }
}

/** Both ways to prepare this picture, to choose between them. */
function printPreparations(out: Output, { preparations }: Trial): void {
  if (preparations.every(({ reencoded }) => !reencoded)) return;
  out.table(
    [
      { title: 'PREPARATION' },
      { title: 'SIZE' },
      { title: 'BYTES', align: 'right' },
      { title: 'QUALITY', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: '' },
    ],
    preparations.map(({ name, width, height, bytes, quality, prepareMs, isAsked }) => [
      name,
      `${width} × ${height}`,
      formatBytes(bytes),
      quality === undefined ? '–' : String(quality),
      formatDuration(prepareMs),
      isAsked ? "the profile's: asked about below" : '',
    ]),
    '  ',
  );
}

export function printTrial(out: Output, trial: Trial): void {
  const { input, prepared, model } = trial;
  out.line(
    `${out.bold('Picture')}  ${input.format.toUpperCase()}, ${input.width} × ${input.height}, ${formatBytes(input.bytes)}` +
      ` → JPEG, ${prepared.width} × ${prepared.height}, ${formatBytes(prepared.bytes)}  ${out.dim(formatDuration(trial.prepareMs))}`,
  );
  printPreparations(out, trial);
  out.line();
  const note = `${plain(model.version)}, step ${model.step + 1}${trial.partial ? ', cut off: only the beginning' : ''}`;
  const decided = model.probabilities && `; decided: ${probabilitiesInWords(model.probabilities)}`;
  const places = placesInWords(model);
  const more = `${decided ?? ''}${places === undefined ? '' : `; ${places}`}`;
  out.line(`${out.bold('Answer')}  ${out.dim(`${note}${more}`)}`);
  printAnswer(out, trial.answer, '  ');
  out.line();
  out.line(`${out.bold('Model calls')}  ${out.dim(formatDuration(trial.modelMs))}`);
  printAttempts(out, trial.attempts, '  ');
}
