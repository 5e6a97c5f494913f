import type { Output } from '../output.ts';
import { plural } from '../text/units.ts';
import { wrap } from '../text/width.ts';
import type { Finding, Topic } from './finding.ts';

interface Tally {
  errors: number;
  warnings: number;
  /** Things that could not be looked at; they count as warnings too. */
  unseen: number;
}

export function tallyOf(topics: readonly Topic[]): Tally {
  const findings = topics.flatMap((topic) => topic.findings);
  return {
    errors: findings.filter(({ severity }) => severity === 'error').length,
    warnings: findings.filter(({ severity }) => severity === 'warning').length,
    unseen: findings.filter((finding) => finding.unseen !== undefined).length,
  };
}

/** Cells before the text of a finding: indent, sign, gap. */
const INDENT = '    ';
/** Longer lines are hard to read, even where a pipe could take them. */
const WIDEST = 110;

/** Findings by topic for a person: what is in order in one dim line, what is not with what fixes it. */
export function printReport(out: Output, label: string, topics: readonly Topic[]): void {
  out.line(out.bold(label));
  for (const { topic, findings } of topics) {
    out.line();
    out.line(`  ${topic}`);
    for (const finding of findings) printFinding(out, finding);
  }
  out.line();
  out.line(conclusion(out, tallyOf(topics)));
}

function printFinding(out: Output, finding: Finding): void {
  const cells = Math.min(out.width, WIDEST) - INDENT.length - 2;
  const [first = '', ...rest] = wrap(finding.text, cells);
  const paint = finding.severity === 'ok' ? out.dim : (text: string) => text;
  out.line(`${INDENT}${signOf(out, finding)} ${paint(first)}`);
  for (const line of rest) out.line(`${INDENT}  ${paint(line)}`);
  // A command is one line, however long: so that it can be copied.
  if (finding.fix !== undefined) out.line(`${INDENT}  ${out.cyan(finding.fix)}`);
}

function signOf(out: Output, { severity, unseen }: Finding): string {
  if (unseen) return out.yellow('?');
  switch (severity) {
    case 'error':
      return out.red('✗');
    case 'warning':
      return out.yellow('!');
    case 'ok':
      return out.green('✓');
  }
}

function conclusion(out: Output, { errors, warnings, unseen }: Tally): string {
  if (errors + warnings === 0) return out.green('Everything is in order.');
  const seen = warnings - unseen;
  const parts = [
    ...(errors > 0 ? [out.red(plural(errors, 'error'))] : []),
    ...(seen > 0 ? [out.yellow(plural(seen, 'warning'))] : []),
    ...(unseen > 0 ? [out.yellow(`${unseen} not looked at`)] : []),
  ];
  return `${parts.join(', ')}. The fix is printed below each one.`;
}

/** The same for programs. */
export const reportJson = (label: string, topics: readonly Topic[]) => ({
  subject: label,
  ...tallyOf(topics),
  findings: topics.flatMap(({ topic, findings }) =>
    findings.map(({ severity, text, fix, unseen }) => ({
      topic,
      severity,
      looked: unseen === undefined,
      text,
      fix: fix ?? null,
    })),
  ),
});
