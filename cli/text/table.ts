import { displayWidth, padEnd, padStart, truncate } from './width.ts';

export interface Column {
  title: string;
  align?: 'right';
  /** Gives way first when the terminal is narrow; at least this many cells remain. */
  shrinkTo?: number;
  /** Colors a cell after it was measured. */
  paint?: (cell: string) => string;
}

const GAP = '  ';

/** Lines of a table that is at most `width` cells wide; columns that may shrink give way, the widest first. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { width: number; paintTitle?: (title: string) => string },
): string[] {
  const widths = fittedWidths(columns, rows, options.width);
  const paintTitle = options.paintTitle ?? ((title: string) => title);
  const line = (cells: readonly string[], paint: (cell: string, column: Column) => string) =>
    columns
      .map((column, index) => {
        const cells_ = widths[index] ?? 0;
        const text = truncate(cells[index] ?? '', cells_);
        const aligned = column.align === 'right' ? padStart(text, cells_) : padEnd(text, cells_);
        return paint(index === columns.length - 1 ? aligned.trimEnd() : aligned, column);
      })
      .join(GAP);
  return [
    line(
      columns.map(({ title }) => title),
      (cell) => paintTitle(cell),
    ),
    ...rows.map((row) => line(row, (cell, column) => column.paint?.(cell) ?? cell)),
  ];
}

function fittedWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number,
): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - available;
  while (excess > 0) {
    const widest = widestThatMayShrink(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
    excess -= 1;
  }
  return widths;
}

function widestThatMayShrink(columns: readonly Column[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [index, { shrinkTo }] of columns.entries()) {
    const width = widths[index] ?? 0;
    if (shrinkTo === undefined || width <= shrinkTo) continue;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
}
