import { listHref } from '../list/filter.ts';
import { list } from '../list/list.ts';
import { OVERVIEW_HREF, PROFILES_HREF, REVIEW_HREF, route } from '../routing/route.ts';
import { connection } from '../state/live.ts';
import { useStore } from '../state/store.ts';

const CONNECTION_WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const;

export const Header = () => {
  const connected = useStore(connection);
  const { view } = useStore(route);
  const { filter } = useStore(list);
  return (
    <header class="header">
      <div class="header-inner">
        <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
          <rect class="mark-ground" width="32" height="32" rx="8" />
          <path class="mark-hills" d="M7 22l6-8 4.5 5.5L20 17l5 5z" />
          <circle class="mark-sun" cx="21.5" cy="11.5" r="2.5" />
        </svg>
        <h1>Image pipeline</h1>
        <nav class="views" aria-label="Views">
          <a
            href={listHref(filter)}
            aria-current={view === 'list' ? 'page' : view === 'result' ? 'true' : undefined}
          >
            Results
          </a>
          <a href={OVERVIEW_HREF} aria-current={view === 'overview' ? 'page' : undefined}>
            Overview
          </a>
          <a href={REVIEW_HREF} aria-current={view === 'review' ? 'page' : undefined}>
            Review
          </a>
          <a
            href={PROFILES_HREF}
            aria-current={view === 'profiles' ? 'page' : view === 'profile' ? 'true' : undefined}
          >
            Profiles
          </a>
        </nav>
        <span class={`connection ${connected}`} title={CONNECTION_WORDS[connected]}>
          <span class="dot" aria-hidden="true" />
          <span class="connection-word">{CONNECTION_WORDS[connected]}</span>
        </span>
      </div>
    </header>
  );
};
