import type { Scored } from './outcomes.ts';

/** Answers whose stated confidence is alike. */
interface ReliabilityRow {
  /** From, and below (the last row: up to) this confidence. */
  from: number;
  to: number;
  answers: number;
  /** Mean of what the answers state. */
  stated: number;
  /** Share of them in which every cell is right. */
  right: number;
}

export interface Calibration {
  rows: ReliabilityRow[];
  /** Expected calibration error: |stated - right| by row, weighted by its answers (Naeini et al. 2015). */
  ece: number;
  /** Share of right answers that is wanted, and what gives it; null: no threshold does. */
  wanted: number;
  threshold: { minConfidence: number; kept: number; right: number } | null;
}

const ROWS = 10;

/** What the stated confidence is worth; undefined where no answer states any. */
export function calibrationOf(all: readonly Scored[], wanted: number): Calibration | undefined {
  const answers = all.flatMap(({ ending, isExact }) =>
    ending.kind === 'answered' && ending.confidence !== null
      ? [{ confidence: ending.confidence, isExact }]
      : [],
  );
  if (answers.length === 0) return undefined;
  const rows = [...Map.groupBy(answers, ({ confidence }) => rowOf(confidence))]
    .sort(([a], [b]) => a - b)
    .map(
      ([row, its]): ReliabilityRow => ({
        from: row / ROWS,
        to: (row + 1) / ROWS,
        answers: its.length,
        stated: its.reduce((sum, { confidence }) => sum + confidence, 0) / its.length,
        right: shareRight(its),
      }),
    );
  return {
    rows,
    ece: rows.reduce((sum, row) => sum + Math.abs(row.stated - row.right) * row.answers, 0) / answers.length,
    wanted,
    threshold: thresholdFor(answers, wanted),
  };
}

interface Stated {
  confidence: number;
  isExact: boolean;
}

const rowOf = (confidence: number): number => Math.min(ROWS - 1, Math.max(0, Math.floor(confidence * ROWS)));

const shareRight = (answers: readonly Stated[]): number =>
  answers.filter(({ isExact }) => isExact).length / answers.length;

/** The lowest confidence from which this share of answers is right. */
function thresholdFor(answers: readonly Stated[], wanted: number): Calibration['threshold'] {
  const levels = [...new Set(answers.map(({ confidence }) => confidence))].sort((a, b) => a - b);
  for (const minConfidence of levels) {
    const kept = answers.filter(({ confidence }) => confidence >= minConfidence);
    const right = shareRight(kept);
    if (right >= wanted) return { minConfidence, kept: kept.length / answers.length, right };
  }
  return null;
}
