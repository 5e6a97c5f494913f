import type { Evaluation } from '../../../evaluation/evaluation.ts';
import type { DocumentErrors, VariantFigures } from '../../../evaluation/report.ts';
import { escaped } from '../../../shared/base/markup.ts';
import type { ValueBox } from '../../../shared/results/value-boxes.ts';
import { formatDuration, plural } from '../../text/units.ts';
import { accuracyChart } from './chart.ts';
import { dollars, evidenceInWords, ladderInWords, percent, shortly, withInterval } from './numbers.ts';
import { MOST_BOXES, STYLE } from './style.ts';

/** Pictures as the report shows them: small. */
type Thumbnails = ReadonlyMap<string, Thumbnail>;

export interface Thumbnail {
  /** A data address. */
  url: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** One file that needs nothing else: no script, no address that leads anywhere. */
export function htmlOf(evaluation: Evaluation, labels: readonly string[], thumbnails: Thumbnails): string {
  const { profile } = evaluation;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escaped(profile.name)}: how good is it?</title><style>${STYLE}</style></head><body><main>
${head(evaluation)}
<section><h2>Accuracy over price</h2>${accuracyChart(evaluation)}
<p class="legend"><span class="dot front"></span> best at its price <span class="dot beaten"></span> beaten by another ${evaluation.today ? '<span class="dot today"></span> the ladder today ' : ''}<span class="dot recommended"></span> recommended; the dashed line is the target. Bars: 95 % intervals.</p></section>
${ladders(evaluation)}
${variantTable(evaluation)}
${evaluation.variants.map(variantDetails).join('\n')}
${pictures(evaluation, labels, thumbnails)}
</main></body></html>
`;
}

function head({ profile, labels, repeats, at, answeredBy, isBilled, usd }: Evaluation): string {
  const money = isBilled
    ? `The run cost ${dollars(usd)}.`
    : 'Nothing was billed; prices are those that Gemini would have.';
  return `<header><h1>${escaped(profile.name)} <small>version ${profile.version}</small></h1>
<p>${plural(labels, 'labeled picture')}, each asked ${repeats === 1 ? 'once' : `${repeats} times`} in every variant on ${at.slice(0, 10)}, answered by ${escaped(answeredBy)}. ${money}</p></header>`;
}

function ladders({ today, recommendation, target }: Evaluation): string {
  if (!today && !recommendation) return '';
  const cards = [
    ...(today
      ? [
          `<article><h3>The ladder today</h3><p>${escaped(ladderInWords(today))}</p><p><b>${withInterval(today.score)}</b>, ${dollars(today.usdPer1000)} per 1,000</p></article>`,
        ]
      : []),
    ...(recommendation
      ? [
          `<article class="${recommendation.verdict}"><h3>Recommended for ${percent(target)}</h3><p>${escaped(ladderInWords(recommendation.ladder))}</p><p><b>${withInterval(recommendation.ladder.score)}</b>, ${dollars(recommendation.ladder.usdPer1000)} per 1,000</p><p>${escaped(recommendation.says)}</p></article>`,
        ]
      : []),
  ];
  return `<section><h2>Ladders</h2><div class="cards">${cards.join('')}</div></section>`;
}

function variantTable({ variants, pareto }: Evaluation): string {
  const rows = variants.map(
    (one, i) =>
      `<tr${pareto.includes(one.id) ? ' class="best"' : ''}><td>${i + 1}</td><th scope="row">${escaped(one.id)}</th><td>${withInterval(one.score)}</td><td>${percent(one.exactDocuments.mean)}</td><td>${one.invalid}</td><td>${one.failed}</td><td>${dollars(one.usdPer1000)}</td><td>${formatDuration(one.latencyMs.p50)}</td><td>${formatDuration(one.latencyMs.p95)}</td><td>${one.tokens.prompt} + ${one.tokens.output + one.tokens.thoughts}</td></tr>${one.evidence ? `<tr><td></td><td class="of-evidence" colspan="9">${evidenceInWords(one.evidence)}</td></tr>` : ''}`,
  );
  return `<section><h2>Variants</h2>${tableOf(
    [
      'no.',
      'variant',
      'score (95 %)',
      'all right',
      'invalid',
      'failed',
      '$ per 1,000',
      'p50',
      'p95',
      'tokens in + out',
    ],
    rows,
  )}<p>The score is the mean of the documents’ F1; a document without an answer counts 0.</p></section>`;
}

function variantDetails({ id, fields, calibration, confusions }: VariantFigures): string {
  const isStated = fields.some(({ stated }) => stated !== null);
  const fieldRows = fields.map(
    ({ field, support, precision, recall, f1, exact, normalized, stated }) =>
      `<tr><th scope="row"><code>${escaped(field)}</code></th><td>${support}</td><td>${percent(precision)}</td><td>${percent(recall)}</td><td>${percent(f1)}</td><td>${percent(exact)}</td><td>${percent(normalized)}</td>${isStated ? `<td>${percent(stated)}</td>` : ''}</tr>`,
  );
  return `<details><summary>${escaped(id)}</summary>
<h3>Fields</h3>${tableOf(['field', 'values', 'precision', 'recall', 'F1', 'exact', 'as compared', ...(isStated ? ['stated'] : [])], fieldRows)}
${calibration ? calibrationPart(calibration) : ''}
${confusions.length > 0 ? `<h3>Most frequent errors</h3>${tableOf(['field', 'expected', 'given', 'times', 'pictures'], confusions.map(confusionRow))}` : ''}
</details>`;
}

const confusionRow = ({ field, expected, given, count, labels }: VariantFigures['confusions'][number]) =>
  `<tr><th scope="row"><code>${escaped(field)}</code></th><td>${escaped(shortly(expected))}</td><td>${escaped(shortly(given))}</td><td>${count}</td><td>${escaped(labels.join(', '))}</td></tr>`;

function calibrationPart({
  rows,
  ece,
  threshold,
  wanted,
}: NonNullable<VariantFigures['calibration']>): string {
  const body = rows.map(
    ({ from, to, answers, stated, right }) =>
      `<tr><th scope="row">${from.toFixed(1)} to ${to.toFixed(1)}</th><td>${answers}</td><td>${percent(stated)}</td><td>${percent(right)}</td><td><meter min="0" max="1" value="${right.toFixed(3)}" title="${percent(right)} right"></meter></td></tr>`,
  );
  const advice = threshold
    ? `${percent(threshold.right)} of the answers from ${threshold.minConfidence} on are right; they are ${percent(threshold.kept)} of all.`
    : `No confidence gives ${percent(wanted)} right answers.`;
  return `<h3>Is it as sure as it says?</h3>${tableOf(['stated confidence', 'answers', 'mean stated', 'all right', 'share'], body)}<p>Expected calibration error ${percent(ece)}. ${advice}</p>`;
}

const tableOf = (titles: readonly string[], rows: readonly string[]): string =>
  `<div class="scroll"><table><thead><tr>${titles.map((title) => `<th scope="col">${escaped(title)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;

/** Said where there is something to point at. */
const placesHint = (documents: readonly DocumentErrors[]): string =>
  documents.some(({ wrong }) => wrong.some(({ box }) => box))
    ? ' Point at a row, or move the focus there, to see where it was read.'
    : '';

/** Of one picture, the same error of several variants is one row. */
function pictures(
  { documents, variants, repeats }: Evaluation,
  labels: readonly string[],
  thumbnails: Thumbnails,
): string {
  const byLabel = Map.groupBy(documents, ({ label }) => label);
  const asked = variants.length * repeats;
  const ordered = labels.toSorted((a, b) => (byLabel.get(b)?.length ?? 0) - (byLabel.get(a)?.length ?? 0));
  const cards = ordered.map((label) => {
    const errors = byLabel.get(label) ?? [];
    const picture = thumbnails.get(label);
    const { table, boxes } = errorTable(errors, variants);
    const image = picture ? pictureWith(picture, boxes) : '';
    return `<article class="picture">${image}<div><h3>${escaped(label)}</h3><p class="${errors.length === 0 ? 'right' : 'wrong'}">${asked - errors.length} of ${asked} answers all right</p>${table}</div></article>`;
  });
  return `<section><h2>Pictures</h2><p>Those with the most errors come first. Numbers are those of the variants.${placesHint(documents)}</p>${cards.join('')}</section>`;
}

/** The picture with the places of what was read wrong: each is seen while the pointer is over its row, or the focus in it. */
function pictureWith({ url, width, height }: Thumbnail, boxes: readonly ValueBox[]): string {
  const drawn = boxes.map(
    ({ top, left, bottom, right }, i) =>
      `<span class="box b${i}" style="top:${top / 10}%;left:${left / 10}%;height:${(bottom - top) / 10}%;width:${(right - left) / 10}%"></span>`,
  );
  return `<div class="frame" style="--ratio:${(width / height).toFixed(4)}"><img src="${url}" alt="">${drawn.join('')}</div>`;
}

function errorTable(
  errors: readonly DocumentErrors[],
  variants: readonly VariantFigures[],
): { table: string; boxes: readonly ValueBox[] } {
  const boxes: ValueBox[] = [];
  const numberOf = new Map(variants.map(({ id }, i) => [id, i + 1]));
  type Row = { at: string; expected: unknown; given: unknown; variant: string; box?: ValueBox };
  const rows = errors.flatMap(({ variant, failure, wrong }): Row[] =>
    failure === undefined
      ? wrong.map((cell) => ({ ...cell, variant }))
      : [{ at: 'the answer', expected: 'an answer', given: failure, variant }],
  );
  const merged = Map.groupBy(rows, ({ at, expected, given }) => JSON.stringify([at, expected, given]));
  const body = [...merged.values()].map((its) => {
    const { at = '', expected, given } = its[0] ?? {};
    const numbers = [...new Set(its.map(({ variant }) => numberOf.get(variant) ?? 0))].sort((a, b) => a - b);
    const box = boxes.length < MOST_BOXES ? its.find((one) => one.box)?.box : undefined;
    const place = box ? ` class="b${boxes.push(box) - 1}" tabindex="0"` : '';
    return `<tr${place}><th scope="row"><code>${escaped(at).replaceAll('.', '.<wbr>')}</code></th><td class="right">${escaped(shortly(expected))}</td><td class="wrong">${escaped(shortly(given))}</td><td>${numbers.join(', ')}</td></tr>`;
  });
  return { table: body.length === 0 ? '' : tableOf(['value', 'is', 'was read as', 'by'], body), boxes };
}
