import { isModelCall } from '../../shared/results/attempts.ts';
import type { ResultDocument, TakenOver, Timings } from '../../shared/results/document.ts';
import type { StoredResult } from '../../shared/results/reading.ts';
import { isTerminal } from '../../shared/results/statuses.ts';
import type { Output } from '../output.ts';
import { placesInWords } from '../text/places.ts';
import { plain } from '../text/plain.ts';
import { probabilitiesInWords } from '../text/probabilities.ts';
import { formatAge, formatBytes, formatDuration, formatMoment } from '../text/units.ts';
import { padEnd, wrap } from '../text/width.ts';
import { printAnswer } from './answer.ts';
import { printAttempts } from './attempts.ts';
import { paintStatus, signOf } from './status.ts';

const INDENT = '  ';
const LABEL_CELLS = 12;

/** A result on a page of its own: the picture, the answer, what was tried, how long it took, what to do next. */
export function printDetails(out: Output, { id, document }: StoredResult): void {
  const { status, source } = document;
  out.line(`${paintStatus(out, status, `${signOf(status)} ${status}`)}  ${out.bold(plain(source.name))}`);
  out.line(out.dim(`${INDENT}gs://${plain(source.bucket)}/${plain(source.name)}`));
  out.line(out.dim(`${INDENT}id ${id} · profile ${plain(document.profile)} v${document.profileVersion}`));
  printPicture(out, document);
  printFailure(out, document);
  printSetback(out, document);
  if (document.answer) {
    const model = document.model;
    const note = [
      model && `${plain(model.version)}, step ${model.step + 1}`,
      document.partial && 'cut off: only the beginning',
      model?.respelled && `spelling corrected: ${model.respelled.map(plain).join(', ')}`,
      model?.probabilities && `decided: ${probabilitiesInWords(model.probabilities)}`,
      document.takenOver && takenOverInWords(document.takenOver),
      model && placesInWords(model),
      document.degraded && 'found by the fallback; a model is asked later',
    ];
    heading(out, 'Answer', note.filter(Boolean).join(' · '));
    printAnswer(out, document.answer, INDENT);
  }
  if (document.attempts.length > 0) {
    const calls = document.attempts.filter(isModelCall).length;
    const isTakenOver = calls < document.attempts.length;
    heading(
      out,
      calls === 0 ? 'No model call' : 'Model calls',
      isTakenOver ? 'an earlier answer was taken over' : '',
    );
    printAttempts(out, document.attempts, INDENT);
  }
  printTimings(out, document.timings);
  printNext(out, document);
}

const takenOverInWords = ({ name, similarity }: TakenOver): string =>
  `taken over from ${plain(name)}, which looks alike (${(similarity * 100).toFixed(1)} %)`;

function heading(out: Output, title: string, note = ''): void {
  out.line();
  out.line(`${out.bold(title)}${note === '' ? '' : `  ${out.dim(note)}`}`);
}

function fact(out: Output, label: string, value: string): void {
  const cells = Math.max(40, out.width - INDENT.length - LABEL_CELLS);
  const [first = '', ...rest] = wrap(value, cells);
  out.line(`${INDENT}${out.dim(padEnd(label, LABEL_CELLS))}${first}`);
  for (const line of rest) out.line(`${INDENT}${' '.repeat(LABEL_CELLS)}${line}`);
}

function printPicture(out: Output, { source, prepared, lane, createdAt }: ResultDocument): void {
  heading(out, 'Picture');
  const uploadedAt = source.uploadedAt ?? createdAt;
  const by = source.uploader === null ? '' : ` by ${plain(source.uploader)}`;
  fact(out, 'uploaded', `${formatMoment(uploadedAt)} (${formatAge(uploadedAt, Date.now())})${by}`);
  fact(
    out,
    'original',
    facts(
      source.format?.toUpperCase() ?? (source.contentType === null ? undefined : plain(source.contentType)),
      size(source),
      source.bytes === null ? undefined : formatBytes(source.bytes),
    ),
  );
  for (const wish of source.passedOver ?? []) fact(out, 'passed over', plain(wish));
  if (lane) {
    const served = lane.served === undefined ? undefined : `served by ${lane.served}`;
    fact(out, 'lane', facts(lane.asked, `within ${formatDuration(lane.patienceMs)}`, served));
  }
  if (!prepared) return;
  const { preparation, quality } = prepared;
  const how = prepared.reencoded
    ? [preparation, quality === undefined ? undefined : `quality ${quality}`]
    : ['only its metadata removed'];
  fact(out, 'prepared', facts('JPEG', size(prepared), formatBytes(prepared.bytes), ...how));
}

const facts = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(', ');

const size = ({ width, height }: { width?: number | undefined; height?: number | undefined }) =>
  width === undefined || height === undefined ? undefined : `${width} × ${height}`;

const STAGES: readonly (readonly [field: keyof Timings, label: string])[] = [
  ['queueMs', 'waiting'],
  ['downloadMs', 'download'],
  ['resizeMs', 'prepare'],
  ['uploadMs', 'store'],
  ['modelMs', 'model'],
  ['storeMs', 'documents'],
];

const BAR_CELLS = 32;

function printTimings(out: Output, timings: Timings): void {
  const rows = STAGES.flatMap(([field, label]) => {
    const ms = timings[field];
    return ms === undefined ? [] : [{ label, ms }];
  });
  if (rows.length === 0) return;
  const total = timings.totalMs;
  heading(out, 'Time', total === undefined ? '' : `${formatDuration(total)} from upload to result`);
  const longest = Math.max(1, ...rows.map(({ ms }) => ms));
  for (const { label, ms } of rows) {
    const bar = '▇'.repeat(Math.round((ms / longest) * BAR_CELLS));
    out.line(
      `${INDENT}${out.dim(padEnd(label, LABEL_CELLS))}${padEnd(formatDuration(ms), 10)}${out.cyan(bar)}`.trimEnd(),
    );
  }
}

function printFailure(out: Output, { failure, parked, status }: ResultDocument): void {
  if (!failure || status === 'completed') return;
  heading(out, status === 'parked' ? 'Why it waits' : 'Failure', failure.code);
  const cells = Math.max(40, out.width - INDENT.length);
  for (const line of wrap(plain(failure.message), cells)) out.line(`${INDENT}${line}`);
  for (const line of wrap(plain(failure.hint), cells)) out.line(`${INDENT}${out.dim(line)}`);
  if (parked) out.line(`${INDENT}It resumes automatically after ${formatMoment(parked.until)}.`);
}

/** Why the last attempt failed although the picture is still being worked on. */
function printSetback(out: Output, { lastFailure, failure, status }: ResultDocument): void {
  if (!lastFailure || failure || isTerminal(status)) return;
  heading(out, 'Last try', `${lastFailure.code}, ${formatAge(lastFailure.at, Date.now())}`);
  for (const line of wrap(plain(lastFailure.message), Math.max(40, out.width - INDENT.length)))
    out.line(`${INDENT}${line}`);
  out.line(`${INDENT}${out.dim('It is retried automatically.')}`);
}

/** What a person types next; nothing when there is nothing to do. */
function printNext(out: Output, { status, profile, claim }: ResultDocument): void {
  const next = nextStep(status, plain(profile));
  if (next === undefined) return;
  const again = claim.count > 2 ? ` (tried ${claim.count} times)` : '';
  heading(out, 'Next');
  out.line(`${INDENT}${next}${again}`);
}

function nextStep(status: ResultDocument['status'], profile: string): string | undefined {
  switch (status) {
    case 'completed':
      return `All answers of this profile: pipeline export --profile ${profile}`;
    case 'failed':
    case 'refused':
      return 'Send a repaired picture under the same name: pipeline upload FILE --watch';
    case 'parked':
      return undefined;
    default:
      return 'It is being worked on. Follow it: pipeline watch';
  }
}
