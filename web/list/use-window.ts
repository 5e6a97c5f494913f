import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { place } from './list.ts';

/** Rows beyond the edges, so that the keyboard finds the next one and quick scrolling shows no gaps. */
const OVERSCAN = 8;

interface Span {
  from: number;
  /** Not included. */
  to: number;
  rowHeight: number;
}

/** Which of `total` rows of one height are in sight; the height is the style sheet's `--row`. */
export function useWindow(total: number, rows: RefObject<HTMLElement | null>): Span {
  const [span, setSpan] = useState<Span>({ from: 0, to: OVERSCAN * 2, rowHeight: place.rowHeight });

  useLayoutEffect(() => {
    const measure = () => {
      if (!rows.current) return;
      const rowHeight = Number.parseFloat(getComputedStyle(rows.current).getPropertyValue('--row')) || 64;
      place.rowHeight = rowHeight;
      const { top } = rows.current.getBoundingClientRect();
      const from = Math.max(0, Math.floor(-top / rowHeight) - OVERSCAN);
      const to = Math.max(0, Math.ceil((innerHeight - top) / rowHeight) + OVERSCAN);
      place.isAtTop = -top < rowHeight;
      setSpan((known) =>
        known.from === from && known.to === to && known.rowHeight === rowHeight
          ? known
          : { from, to, rowHeight },
      );
    };
    const scrolled = () => {
      place.scrollY = scrollY;
      measure();
    };
    measure();
    addEventListener('scroll', scrolled, { passive: true });
    addEventListener('resize', measure, { passive: true });
    return () => {
      removeEventListener('scroll', scrolled);
      removeEventListener('resize', measure);
    };
  }, [total, rows]);

  return { ...span, to: Math.min(span.to, total) };
}
