import { results } from '../state/results.ts';
import { useStore } from '../state/store.ts';

const CONNECTION_WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const;

export const Header = () => {
  const { connection } = useStore(results);
  return (
    <header class="header">
      <div class="header-inner">
        <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
          <rect class="mark-ground" width="32" height="32" rx="8" />
          <path class="mark-hills" d="M7 22l6-8 4.5 5.5L20 17l5 5z" />
          <circle class="mark-sun" cx="21.5" cy="11.5" r="2.5" />
        </svg>
        <h1>Image pipeline</h1>
        <span class={`connection ${connection}`}>
          <span class="dot" aria-hidden="true" />
          {CONNECTION_WORDS[connection]}
        </span>
      </div>
    </header>
  );
};
