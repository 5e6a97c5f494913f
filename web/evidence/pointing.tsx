import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import type { Evidence } from '../../shared/results/document.ts';
import { boxAt, type ValueBox } from '../../shared/results/value-boxes.ts';
import { inWords } from './places.ts';

interface Pointing {
  evidence: readonly Evidence[];
  /** What is shown in the picture now. */
  box: ValueBox | undefined;
  show(box: ValueBox | undefined): void;
}

const Context = createContext<Pointing>({ evidence: [], box: undefined, show: () => undefined });

/** Values below and the picture among them know each other: the value that is pointed at is shown in the picture. */
export const PointingArea = ({
  evidence,
  children,
}: {
  evidence: readonly Evidence[] | undefined;
  children: ComponentChildren;
}) => {
  const [box, show] = useState<ValueBox>();
  return <Context.Provider value={{ evidence: evidence ?? [], box, show }}>{children}</Context.Provider>;
};

/** Values of another answer about the same picture. */
export const OtherEvidence = ({
  evidence,
  children,
}: {
  evidence: readonly Evidence[] | undefined;
  children: ComponentChildren;
}) => (
  <Context.Provider value={{ ...useContext(Context), evidence: evidence ?? [] }}>{children}</Context.Provider>
);

export const useShownBox = (): ValueBox | undefined => useContext(Context).box;

/** What shows the place of the value at `path` while a pointer is over an element or the focus is in it. */
export function usePlace(path: string) {
  const { evidence, show } = useContext(Context);
  const id = useId();
  const box = boxAt(evidence, path);
  if (!box) return undefined;
  const handlers = {
    onPointerEnter: () => show(box),
    // What has the focus stays shown when the pointer goes.
    onPointerLeave: ({ currentTarget }: { currentTarget: Node }) =>
      show(currentTarget.contains(document.activeElement) ? box : undefined),
    onFocusCapture: () => show(box),
    onBlurCapture: () => show(undefined),
  };
  return { handlers, id, words: inWords(box) };
}

/** A value that shows where it was read; as it is where nobody knows. */
export const PlacedValue = ({ path, children }: { path: string; children: ComponentChildren }) => {
  const place = usePlace(path);
  if (!place) return <>{children}</>;
  return (
    <>
      <button type="button" class="placed" aria-describedby={place.id} {...place.handlers}>
        {children}
      </button>
      <span id={place.id} class="visually-hidden">
        {place.words}
      </span>
    </>
  );
};
