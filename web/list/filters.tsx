import { useEffect, useState } from 'preact/hooks';
import { service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { type Filter, SPANS, type Span, withPart } from './filter.ts';
import { setFilter } from './list.ts';

const SPAN_WORDS: Readonly<Record<Span, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
};

/** What narrows the list beside the status. */
export const Filters = ({ filter }: { filter: Filter }) => {
  const { profiles, status } = useStore(service);
  const change = <K extends keyof Filter>(key: K, value: Filter[K] | '') =>
    setFilter(withPart(filter, key, value === '' ? undefined : value));
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">Narrow the list</legend>
      <label>
        <span>Profile</span>
        <select
          value={filter.profile ?? ''}
          onChange={({ currentTarget }) => change('profile', currentTarget.value)}
        >
          <option value="">All</option>
          {profiles.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Time</span>
        <select
          value={filter.span ?? ''}
          onChange={({ currentTarget }) => change('span', currentTarget.value as Span | '')}
        >
          <option value="">Any</option>
          {(Object.keys(SPANS) as Span[]).map((span) => (
            <option key={span} value={span}>
              {SPAN_WORDS[span]}
            </option>
          ))}
        </select>
      </label>
      {status?.sees !== 'own' && (
        <UploaderField value={filter.uploader ?? ''} onChange={(uploader) => change('uploader', uploader)} />
      )}
    </fieldset>
  );
};

/** Keeps what is being typed: results that arrive meanwhile re-render the list, and would set the field back. */
const UploaderField = ({ value, onChange }: { value: string; onChange: (uploader: string) => void }) => {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <label>
      <span>Uploader</span>
      <input
        type="search"
        class="text-input"
        placeholder="Anyone"
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        value={draft}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
      />
    </label>
  );
};
