import { useEffect, useRef, useState } from 'preact/hooks';
import type { ValueBox } from '../../shared/results/value-boxes.ts';
import { PlacedPicture } from '../evidence/placed-picture.tsx';
import { useShownBox } from '../evidence/pointing.tsx';

interface Look {
  /** 1: the whole picture. */
  zoom: number;
  /** From the middle, in pixels of the screen. */
  x: number;
  y: number;
}

const WHOLE: Look = { zoom: 1, x: 0, y: 0 };
const CLOSEST = 8;
const STEP = 1.4;
const PAN = 60;

const zoomed = (look: Look, factor: number): Look => {
  const zoom = Math.min(CLOSEST, Math.max(1, look.zoom * factor));
  if (zoom === 1) return WHOLE;
  const scale = zoom / look.zoom;
  return { zoom, x: look.x * scale, y: look.y * scale };
};

interface PicturePaneProps {
  url: string | undefined;
  name: string;
  /** Pixels. */
  size: { width: number; height: number } | undefined;
}

/** The same look, moved to the box where that is out of sight. */
function showing(
  look: Look,
  { top, left, bottom, right }: ValueBox,
  frame: HTMLElement,
  stage: HTMLElement,
): Look {
  const x = (0.5 - (left + right) / 2000) * frame.offsetWidth * look.zoom;
  const y = (0.5 - (top + bottom) / 2000) * frame.offsetHeight * look.zoom;
  const isSeen =
    Math.abs(look.x - x) < stage.clientWidth / 2 && Math.abs(look.y - y) < stage.clientHeight / 2;
  return look.zoom === 1 || isSeen ? look : { ...look, x, y };
}

/** The picture, to be looked at closely: wheel or + and -, dragged or with the arrow keys. */
export const PicturePane = ({ url, name, size }: PicturePaneProps) => {
  const [look, setLook] = useState(WHOLE);
  const pane = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLSpanElement>(null);
  const box = useShownBox();
  const from = useRef<{ x: number; y: number } | undefined>(undefined);
  useEffect(() => setLook(WHOLE), [url]);
  useEffect(() => {
    const [picture, stage] = [frame.current, pane.current];
    if (box && picture && stage) setLook((before) => showing(before, box, picture, stage));
  }, [box]);
  useEffect(() => {
    const element = pane.current;
    if (!element) return;
    // Not as a property: the page must not scroll meanwhile, and such listeners are passive.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      setLook((before) => zoomed(before, event.deltaY < 0 ? STEP : 1 / STEP));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const pan = (x: number, y: number) =>
    setLook((before) => (before.zoom === 1 ? before : { ...before, x: before.x + x, y: before.y + y }));
  const onKeyDown = (event: KeyboardEvent) => {
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(setLook, pan);
  };
  return (
    <div class="picture-pane">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls */}
      <div
        ref={pane}
        class={`picture-stage ${look.zoom > 1 ? 'is-zoomed' : ''}`}
        role="group"
        aria-label={`${name}: + and - change the size, arrow keys move it`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          from.current = { x: event.clientX, y: event.clientY };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (!from.current) return;
          pan(event.clientX - from.current.x, event.clientY - from.current.y);
          from.current = { x: event.clientX, y: event.clientY };
        }}
        // After a pointer that is lifted, and one that the browser takes for itself.
        onLostPointerCapture={() => {
          from.current = undefined;
        }}
      >
        {url === undefined ? (
          <p class="hint">There is no picture any more.</p>
        ) : (
          <PlacedPicture
            src={url}
            alt={name}
            draggable={false}
            size={size}
            box={box}
            zoom={look.zoom}
            transform={`translate(${look.x}px, ${look.y}px) scale(${look.zoom})`}
            frame={frame}
          />
        )}
      </div>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => setLook(zoomed(look, STEP))}>
          Larger
        </button>
        <button type="button" class="button small" onClick={() => setLook(zoomed(look, 1 / STEP))}>
          Smaller
        </button>
        <button type="button" class="button small" disabled={look.zoom === 1} onClick={() => setLook(WHOLE)}>
          Whole
        </button>
        <span class="hint" data-testid="zoom">
          {Math.round(look.zoom * 100)} %
        </span>
      </div>
    </div>
  );
};

type SetLook = (change: (before: Look) => Look) => void;
type Act = (setLook: SetLook, pan: (x: number, y: number) => void) => void;

const KEYS: Readonly<Record<string, Act>> = {
  '+': (setLook) => setLook((before) => zoomed(before, STEP)),
  '=': (setLook) => setLook((before) => zoomed(before, STEP)),
  '-': (setLook) => setLook((before) => zoomed(before, 1 / STEP)),
  '0': (setLook) => setLook(() => WHOLE),
  ArrowLeft: (_, pan) => pan(PAN, 0),
  ArrowRight: (_, pan) => pan(-PAN, 0),
  ArrowUp: (_, pan) => pan(0, PAN),
  ArrowDown: (_, pan) => pan(0, -PAN),
};
