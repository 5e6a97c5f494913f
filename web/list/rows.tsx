import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import { uploads } from '../state/uploads.ts';
import { useClock } from '../state/use-clock.ts';
import { lengthOf, rowsBetween } from './chunks.ts';
import { type ListState, place, readOn, see, showHeld } from './list.ts';
import { ResultRow, RowOnItsWay } from './result-row.tsx';
import { useWindow } from './use-window.ts';

/** Reads the following page when the end is this many rows away. */
const AHEAD = 40;

/** The list, of which only the rows in sight (and the one that has the focus) exist. */
export const Rows = ({ state }: { state: ListState }) => {
  const element = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string>();
  const { previews } = useStore(uploads);
  const nowMs = useClock();
  const { chunks, nextCursor } = state;
  const total = lengthOf(chunks);
  const { from, to, rowHeight } = useWindow(total, element);
  const { rows, seen } = rowsBetween(chunks, from, to);

  useLayoutEffect(() => comeBack(element.current), []);
  useEffect(() => see(...seen));
  useEffect(() => {
    if (to >= total - AHEAD) void readOn();
    if (from === 0 && place.isAtTop) showHeld();
  }, [from, to, total, state.isReading]);

  return (
    <ul
      ref={element}
      class="rows"
      aria-busy={state.isReading}
      style={{ height: `${total * rowHeight}px` }}
      onFocusIn={({ target }) => setFocused((target as Element).closest('li')?.dataset['id'])}
      onFocusOut={() => setFocused(undefined)}
    >
      {withFocused(rows, focused, chunks).map(({ index, result }) => {
        const at = {
          top: `${index * rowHeight}px`,
          position: index + 1,
          total: nextCursor === null ? total : -1,
        };
        return result ? (
          <ResultRow
            key={result.id}
            {...at}
            result={result}
            previewUrl={previews.get(result.id)}
            nowMs={nowMs}
          />
        ) : (
          <RowOnItsWay key={`row ${index}`} {...at} />
        );
      })}
    </ul>
  );
};

/** To the row that was opened, where it was, with the focus on it. */
function comeBack(rows: HTMLElement | null): void {
  scrollTo(0, place.scrollY);
  if (place.opened === '') return;
  // The rows around that place exist after the next drawing.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      rows?.querySelector<HTMLElement>(`[data-id="${place.opened}"] a`)?.focus({ preventScroll: true });
      place.opened = '';
    }),
  );
}

/** A row that is scrolled away keeps existing while it has the focus: the keyboard would start again at the top. */
function withFocused(
  rows: ReturnType<typeof rowsBetween>['rows'],
  id: string | undefined,
  chunks: ListState['chunks'],
): typeof rows {
  if (id === undefined || rows.some(({ result }) => result?.id === id)) return rows;
  let start = 0;
  for (const { results, length } of chunks) {
    const at = results?.findIndex((result) => result.id === id) ?? -1;
    if (at >= 0)
      return [...rows, { index: start + at, result: results?.[at] }].sort((a, b) => a.index - b.index);
    start += length;
  }
  return rows;
}
