import type { Evaluation } from '../../../evaluation/evaluation.ts';
import type { VariantFigures } from '../../../evaluation/report.ts';
import type { Output } from '../../output.ts';
import { formatDuration, plural } from '../../text/units.ts';
import { dollars, evidenceInWords, ladderInWords, percent, shortly, withInterval } from './numbers.ts';

const RIGHT = { align: 'right' } as const;
const MAX_CONFUSIONS = 5;

/** The report as a person reads it in a terminal: the variants, the best one field by field, and the ladder. */
export function printEvaluation(out: Output, evaluation: Evaluation): void {
  const { profile, labels, variants, pareto } = evaluation;
  out.line(
    `${out.bold(profile.name)} version ${profile.version}, ${plural(labels, 'labeled picture')}, answered by ${evaluation.answeredBy}`,
  );
  out.line();
  printVariants(out, variants, pareto);
  const best = variants.toSorted((a, b) => b.score.mean - a.score.mean)[0];
  if (best) printFields(out, best);
  printLadders(out, evaluation);
}

function printVariants(out: Output, variants: readonly VariantFigures[], pareto: readonly string[]): void {
  out.table(
    [
      { title: 'VARIANT' },
      { title: 'SCORE (95 %)', ...RIGHT },
      { title: 'ALL RIGHT', ...RIGHT },
      { title: 'INVALID', ...RIGHT },
      { title: 'FAILED', ...RIGHT },
      { title: '$ PER 1,000', ...RIGHT },
      { title: 'P50', ...RIGHT },
      { title: 'P95', ...RIGHT },
    ],
    variants.map((one) => [
      `${pareto.includes(one.id) ? '*' : ' '} ${one.id}`,
      withInterval(one.score),
      percent(one.exactDocuments.mean),
      String(one.invalid),
      String(one.failed),
      dollars(one.usdPer1000),
      formatDuration(one.latencyMs.p50),
      formatDuration(one.latencyMs.p95),
    ]),
  );
  for (const one of variants)
    if (one.evidence) out.line(out.dim(`  ${one.id}: ${evidenceInWords(one.evidence)}`));
  out.line(out.dim('  * no other variant is both cheaper and more accurate'));
  out.line();
}

function printFields(out: Output, best: VariantFigures): void {
  const isStated = best.fields.some(({ stated }) => stated !== null);
  out.line(`${out.bold('Fields')}  ${best.id}`);
  out.table(
    [
      { title: 'FIELD' },
      { title: 'VALUES', ...RIGHT },
      { title: 'PRECISION', ...RIGHT },
      { title: 'RECALL', ...RIGHT },
      { title: 'F1', ...RIGHT },
      { title: 'EXACT', ...RIGHT },
      { title: 'AS COMPARED', ...RIGHT },
      ...(isStated ? [{ title: 'STATED', ...RIGHT }] : []),
    ],
    best.fields.map((field) => [
      field.field,
      String(field.support),
      percent(field.precision),
      percent(field.recall),
      percent(field.f1),
      percent(field.exact),
      percent(field.normalized),
      ...(isStated ? [percent(field.stated)] : []),
    ]),
    '  ',
  );
  for (const { field, expected, given, count, labels } of best.confusions.slice(0, MAX_CONFUSIONS))
    out.line(
      out.dim(
        `  ${count} × ${field}: ${shortly(expected, 40)} read as ${shortly(given, 40)} (${labels.join(', ')})`,
      ),
    );
  const { calibration } = best;
  if (calibration) {
    const { threshold, ece, wanted } = calibration;
    const advice = threshold
      ? `of the answers from ${threshold.minConfidence} on, ${percent(threshold.kept)} of all, ${percent(threshold.right)} are right`
      : `no confidence gives ${percent(wanted)} right answers`;
    out.line(out.dim(`  Stated confidence: off by ${percent(ece)} (ECE); ${advice}.`));
  }
  out.line();
}

function printLadders(out: Output, { today, recommendation }: Evaluation): void {
  if (today) {
    out.line(`${out.bold('The ladder today')}  ${ladderInWords(today)}`);
    out.line(`  ${withInterval(today.score)}, ${dollars(today.usdPer1000)} per 1,000`);
  }
  if (!recommendation) return;
  const { ladder, says, verdict } = recommendation;
  out.line(`${out.bold('Recommended')}  ${ladderInWords(ladder)}`);
  out.line(`  ${withInterval(ladder.score)}, ${dollars(ladder.usdPer1000)} per 1,000`);
  out.line(`  ${verdict === 'reached' ? out.green(says) : out.yellow(says)}`);
}
