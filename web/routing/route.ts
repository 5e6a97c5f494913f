import { createStore } from '../state/store.ts';

/** What the address names. */
type Route =
  | { view: 'list' }
  | { view: 'result'; id: string }
  | { view: 'overview' }
  | { view: 'review' }
  | { view: 'profiles' }
  | { view: 'profile'; name: string }
  | { view: 'nowhere' };

const RESULT_PATH = /^\/results\/([0-9a-f]{32})$/;
const PROFILE_PATH = /^\/profiles\/([a-z][a-z0-9-]{0,39})$/;

function routeOf(path: string): Route {
  if (path === '/') return { view: 'list' };
  if (path === '/overview') return { view: 'overview' };
  if (path === '/review') return { view: 'review' };
  if (path === '/profiles') return { view: 'profiles' };
  const name = PROFILE_PATH.exec(path)?.[1];
  if (name !== undefined) return { view: 'profile', name };
  const id = RESULT_PATH.exec(path)?.[1];
  return id === undefined ? { view: 'nowhere' } : { view: 'result', id };
}

export const resultHref = (id: string): string => `/results/${id}`;

export const OVERVIEW_HREF = '/overview';

export const REVIEW_HREF = '/review';

export const PROFILES_HREF = '/profiles';

export const profileHref = (name: string): string => `/profiles/${name}`;

export const route = createStore<Route>(routeOf(location.pathname));

/** Opens another view; the back button leads here again. */
export function go(href: string): void {
  history.pushState(null, '', href);
  follow();
}

/** Changes the address of the view that is open, without a step back to the one before. */
export const rename = (href: string): void => history.replaceState(null, '', href);

/** A plain click on a link to a view opens it here; anything else is the browser's. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const { defaultPrevented, button, metaKey, ctrlKey, shiftKey, altKey, target } = event;
    if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const link = target instanceof Element ? target.closest('a') : null;
    if (!link || routeOf(link.pathname).view === 'nowhere') return;
    if (link.target !== '' || link.origin !== location.origin || link.hash !== '') return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** Follows the browser's own back and forward; `onReturn` runs before the view changes. */
export function followHistory(onReturn: () => void): void {
  // Views differ in height, and the list knows its own place.
  history.scrollRestoration = 'manual';
  window.addEventListener('popstate', () => {
    onReturn();
    follow();
  });
}

const follow = (): void => route.set(() => routeOf(location.pathname));
