import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A view whose code is fetched when it is first opened. */
export const Lazy = ({ of, load }: { of: string; load: () => Promise<ComponentType> }) => {
  const [state, setState] = useState<{ View?: ComponentType; hasFailed?: boolean }>({});
  useEffect(() => {
    load().then(
      (View) => setState({ View }),
      () => setState({ hasFailed: true }),
    );
  }, [load]);
  if (state.View) return <state.View />;
  return (
    <main id="content" class="page" tabIndex={-1}>
      <p class="hint" role="status">
        {state.hasFailed ? `The ${of} could not be loaded. Load the page again.` : 'Loading…'}
      </p>
    </main>
  );
};
