import { announcement } from '../state/announcements.ts';
import { useStore } from '../state/store.ts';

/** Heard, not seen. */
export const Announcer = () => (
  <div class="visually-hidden" role="status" aria-live="polite">
    {useStore(announcement)}
  </div>
);
