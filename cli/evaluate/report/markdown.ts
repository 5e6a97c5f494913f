import type { Evaluation } from '../../../evaluation/evaluation.ts';
import type { VariantFigures } from '../../../evaluation/report.ts';
import { formatDuration, plural } from '../../text/units.ts';
import { dollars, evidenceInWords, ladderInWords, percent, shortly, withInterval } from './numbers.ts';

/** The report as Markdown, for a pull request or a wiki. */
export function markdownOf(evaluation: Evaluation): string {
  const { profile, variants, pareto, labels, repeats, at, answeredBy, isBilled } = evaluation;
  const { today, recommendation } = evaluation;
  return [
    `# ${profile.name} version ${profile.version}`,
    '',
    `${plural(labels, 'labeled picture')}, ${plural(repeats, 'question')} each, ${at.slice(0, 10)}, answered by ${cellText(answeredBy)}. ${
      isBilled ? `Cost ${dollars(evaluation.usd)}.` : 'Nothing was billed; prices are those of Gemini.'
    }`,
    '',
    ...table(
      [
        'variant',
        'score (95 %)',
        'all right',
        'invalid',
        'failed',
        '$ per 1,000',
        'p50',
        'p95',
        'tokens in, out',
      ],
      variants.map((one) => [
        pareto.includes(one.id) ? `**${one.id}**` : one.id,
        withInterval(one.score),
        withInterval(one.exactDocuments),
        String(one.invalid),
        String(one.failed),
        dollars(one.usdPer1000),
        formatDuration(one.latencyMs.p50),
        formatDuration(one.latencyMs.p95),
        `${one.tokens.prompt}, ${one.tokens.output + one.tokens.thoughts}`,
      ]),
    ),
    '',
    ...evidenceLines(variants),
    'Bold: no other variant is both cheaper and more accurate. The score is the mean of the documents’ F1; a document without an answer counts 0.',
    '',
    ...(today
      ? [
          `**The ladder today:** ${ladderInWords(today)}: ${withInterval(today.score)}, ${dollars(today.usdPer1000)} per 1,000.`,
          '',
        ]
      : []),
    ...(recommendation
      ? [
          `**Recommended:** ${ladderInWords(recommendation.ladder)}: ${withInterval(recommendation.ladder.score)}, ${dollars(recommendation.ladder.usdPer1000)} per 1,000. ${recommendation.says}`,
          '',
        ]
      : []),
    ...variants.flatMap(variantSection),
  ].join('\n');
}

/** What the places of the values take of the price, a line a variant. */
const evidenceLines = (variants: readonly VariantFigures[]): string[] => {
  const lines = variants.flatMap(({ id, evidence }) =>
    evidence ? [`- ${id}: ${evidenceInWords(evidence)}`] : [],
  );
  return lines.length === 0 ? [] : [...lines, ''];
};

function variantSection({ id, fields, confusions, calibration }: VariantFigures): string[] {
  const isStated = fields.some(({ stated }) => stated !== null);
  return [
    `## ${id}`,
    '',
    ...table(
      [
        'field',
        'values',
        'precision',
        'recall',
        'F1',
        'exact',
        'as compared',
        ...(isStated ? ['stated'] : []),
      ],
      fields.map((field) => [
        `\`${field.field}\``,
        String(field.support),
        ...[field.precision, field.recall, field.f1, field.exact, field.normalized].map(percent),
        ...(isStated ? [percent(field.stated)] : []),
      ]),
    ),
    '',
    ...(calibration
      ? [
          ...table(
            ['stated confidence', 'answers', 'mean stated', 'all right'],
            calibration.rows.map(({ from, to, answers, stated, right }) => [
              `${from.toFixed(1)} to ${to.toFixed(1)}`,
              String(answers),
              percent(stated),
              percent(right),
            ]),
          ),
          '',
          `Expected calibration error ${percent(calibration.ece)}.`,
          '',
        ]
      : []),
    ...(confusions.length > 0
      ? [
          ...table(
            ['field', 'expected', 'given', 'times', 'pictures'],
            confusions.map(({ field, expected, given, count, labels }) => [
              `\`${field}\``,
              cellText(shortly(expected)),
              cellText(shortly(given)),
              String(count),
              cellText(labels.join(', ')),
            ]),
          ),
          '',
        ]
      : []),
  ];
}

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${titles.join(' | ')} |`,
  `|${titles.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
];

/** What stands in a picture is text: it makes no cells, links or tags. */
const cellText = (text: string): string =>
  text.replace(/[\\`*_[\]<>|]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
