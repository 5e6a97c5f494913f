import type { Evaluation } from './evaluation.ts';

/** A figure that is lower than it was in an earlier run. */
interface Worse {
  variant: string;
  /** A field, or the whole answer. */
  figure: string;
  before: number;
  now: number;
}

/** A value that was right in the earlier run and is not now. */
interface WorseCell {
  variant: string;
  label: string;
  at: string;
  expected: unknown;
  given: unknown;
}

interface RunComparison {
  /** Figures that fell by more than is allowed. */
  worse: Worse[];
  /** What made them fall, of the variants that fell. */
  cells: WorseCell[];
  /** Variants of the earlier run that this one did not ask. */
  missing: string[];
}

/** What got worse by more than `maxDrop` (a share) since an earlier run with the same labels. */
export function compareRuns(before: Evaluation, now: Evaluation, maxDrop: number): RunComparison {
  const worse: Worse[] = [];
  const missing: string[] = [];
  for (const earlier of before.variants) {
    const variant = earlier.id;
    const later = now.variants.find(({ id }) => id === variant);
    if (!later) {
      missing.push(variant);
      continue;
    }
    const note = (figure: string, was: number | null, is: number | null): void => {
      if (was !== null && (is ?? 0) < was - maxDrop - ROUNDING)
        worse.push({ variant, figure, before: was, now: is ?? 0 });
    };
    note('score', earlier.score.mean, later.score.mean);
    note('all right', earlier.exactDocuments.mean, later.exactDocuments.mean);
    for (const { field, f1 } of earlier.fields)
      note(field, f1, later.fields.find((one) => one.field === field)?.f1 ?? null);
  }
  const fallen = new Set(worse.map(({ variant }) => variant));
  return { worse, cells: newlyWrong(before, now, fallen), missing };
}

/** Sums of the same shares in another order differ by less. */
const ROUNDING = 1e-9;

function newlyWrong(before: Evaluation, now: Evaluation, variants: ReadonlySet<string>): WorseCell[] {
  const known = new Set(before.documents.flatMap(wrongPlaces));
  return now.documents
    .filter(({ variant }) => variants.has(variant))
    .flatMap((document) =>
      document.wrong
        .filter(({ at }) => !known.has(placeOf(document, at)))
        .map(({ at, expected, given }) => ({
          ...{ variant: document.variant, label: document.label },
          ...{ at, expected, given: document.failure ?? given },
        })),
    );
}

type Document = Evaluation['documents'][number];

const placeOf = ({ variant, label, repeat }: Document, at: string): string =>
  JSON.stringify([variant, label, repeat, at]);

const wrongPlaces = (document: Document): string[] => document.wrong.map(({ at }) => placeOf(document, at));
