import type { ComponentChildren } from 'preact';

/** A part that may scroll, so the keyboard must reach it. A group and no region: there is one in every open result. */
export const ScrollArea = ({
  label,
  kind,
  children,
}: {
  label: string;
  kind: string;
  children: ComponentChildren;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <div class={kind} role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
