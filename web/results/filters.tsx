import { VIEW_STATUSES } from '../../shared/results/view.ts';
import type { Filter } from '../server/requests.ts';
import { setFilter } from '../state/results.ts';
import { service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { STATUS_WORDS } from './wording.ts';

const isStatus = (value: string): value is NonNullable<Filter['status']> =>
  (VIEW_STATUSES as readonly string[]).includes(value);

export const Filters = ({ filter }: { filter: Filter }) => {
  const { profiles } = useStore(service);
  const { profile, status } = filter;
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">Filter the results</legend>
      <label>
        <span>Status</span>
        <select
          value={status ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setFilter({ ...(profile ? { profile } : {}), ...(isStatus(value) ? { status: value } : {}) })
          }
        >
          <option value="">All</option>
          {VIEW_STATUSES.map((value) => (
            <option key={value} value={value}>
              {STATUS_WORDS[value]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Profile</span>
        <select
          value={profile ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setFilter({ ...(status ? { status } : {}), ...(value === '' ? {} : { profile: value }) })
          }
        >
          <option value="">All</option>
          {profiles.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
};
