import type { ResponseSchema } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { wantedPicture } from '../../shared/profiles/preparation.ts';
import type { Output } from '../output.ts';
import { printAnswer } from '../results/answer.ts';
import { printAttempts } from '../results/attempts.ts';
import { plain } from '../text/plain.ts';
import { formatBytes, formatCount, formatDuration } from '../text/units.ts';
import { wrap } from '../text/width.ts';
import type { ReferenceFacts } from './references.ts';
import type { Trial } from './trial.ts';

/** Text is read best in lines of about this many cells. */
const TEXT_CELLS = 100;

export function printProfile(
  out: Output,
  profile: Profile,
  schema: ResponseSchema,
  references: readonly ReferenceFacts[],
): void {
  out.line(`${out.bold(profile.name)}  ${out.dim(`version ${profile.version}`)}`);
  for (const line of wrap(profile.prompt, Math.min(out.width, TEXT_CELLS) - 2)) out.line(`  ${line}`);
  out.line();
  out.line(out.bold('Answer'));
  out.table(
    [{ title: 'FIELD' }, { title: 'TYPE' }, { title: 'MEANING', shrinkTo: 20 }],
    fieldRows(schema),
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
      step.thinkingLevel,
      `${formatCount(step.maxOutputTokens)} tokens`,
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

function fieldRows(schema: ResponseSchema, path = ''): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([field, child]) => {
    const name = path === '' ? field : `${path}.${field}`;
    const row = [name, typeOf(child), child.description ?? ''];
    const below = child.items ?? child;
    return [row, ...fieldRows(below, child.items ? `${name}[]` : name)];
  });
}

function typeOf(schema: ResponseSchema): string {
  const nullable = schema.nullable ? ' or null' : '';
  if (schema.enum) return schema.enum.join(' | ') + nullable;
  if (schema.items) {
    const inside = schema.items.type === 'OBJECT' ? 'entries' : `${schema.items.type.toLowerCase()}s`;
    return `up to ${schema.maxItems ?? 'any number of'} ${inside}`;
  }
  return schema.type.toLowerCase() + nullable;
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
  out.line(`${out.bold('Answer')}  ${out.dim(note)}`);
  printAnswer(out, trial.answer, '  ');
  out.line();
  out.line(`${out.bold('Model calls')}  ${out.dim(formatDuration(trial.modelMs))}`);
  printAttempts(out, trial.attempts, '  ');
}
