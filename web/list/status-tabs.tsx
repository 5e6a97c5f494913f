import { VIEW_STATUSES, type ViewStatus } from '../../shared/results/statuses.ts';
import { countsOf, figures } from '../state/figures.ts';
import { useStore } from '../state/store.ts';
import { count, STATUS_WORDS } from '../wording/wording.ts';
import { type Filter, withPart } from './filter.ts';
import { setFilter } from './list.ts';

/** One status or all, each with how many there are: radio buttons, so that the arrow keys go from one to the next. */
export const StatusTabs = ({ filter }: { filter: Filter }) => {
  const { stats } = useStore(figures);
  // The server counts all results; with another filter the numbers would be of something else.
  const isOnlyFilter = Object.keys(filter).every((key) => key === 'status');
  const counts = stats && isOnlyFilter ? countsOf(stats) : undefined;
  const tab = (status: ViewStatus | undefined, words: string, number: number | undefined) => (
    <label key={words} class={`tab ${status ?? 'all'} ${number === 0 ? 'is-none' : ''}`}>
      <input
        type="radio"
        name="status"
        checked={filter.status === status}
        onChange={() => setFilter(withPart(filter, 'status', status))}
      />
      <span>
        {words} {number !== undefined && <span class="tab-count">{count(number)}</span>}
      </span>
    </label>
  );
  return (
    <fieldset class="tabs">
      <legend class="visually-hidden">Status</legend>
      {tab(undefined, 'All', counts && Object.values(counts).reduce((sum, number) => sum + number, 0))}
      {VIEW_STATUSES.map((status) => tab(status, STATUS_WORDS[status], counts?.[status]))}
    </fieldset>
  );
};
