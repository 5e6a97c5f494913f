import { useEffect, useState } from 'preact/hooks';
import type { FieldForm } from './file-form.ts';
import type { FieldChange } from './file-text.ts';

interface FieldRulesProps {
  field: FieldForm;
  /** Of the entries of a list: the values alone. */
  onlyValues?: boolean;
  change: (change: FieldChange) => void;
}

/** What bounds mean for a kind; none for those that have no bounds. */
const BOUNDS: Readonly<Partial<Record<FieldForm['kind'], readonly [string, string]>>> = {
  text: ['Least characters', 'Most characters'],
  number: ['Least', 'Most'],
  integer: ['Least', 'Most'],
  list: ['Least entries', 'Most entries'],
};

/** What is said of a field beside its name and kind. */
export const FieldRules = ({ field, onlyValues = false, change }: FieldRulesProps) => {
  const { name, kind, description, required, nullable, values } = field;
  const bounds = onlyValues ? undefined : BOUNDS[kind];
  return (
    <div class="field-rules">
      {!onlyValues && (
        <Typed
          label={`Description of ${name}`}
          placeholder="What it means; the model reads it"
          value={description}
          onChange={(text) => change({ description: text })}
        />
      )}
      {kind === 'choice' && (
        <Typed
          label={`Values of ${name}`}
          placeholder="new, used, damaged"
          value={values.join(', ')}
          onChange={(text) => change({ values: wordsOf(text) })}
        />
      )}
      <div class="rules">
        {bounds && (
          <>
            <Bound label={bounds[0]} of={name} value={field.min} onChange={(min) => change({ min })} />
            <Bound label={bounds[1]} of={name} value={field.max} onChange={(max) => change({ max })} />
          </>
        )}
        {!onlyValues && (
          <>
            <Check
              label="Required"
              of={name}
              isOn={required}
              onChange={(isOn) => change({ required: isOn })}
            />
            <Check
              label="May be null"
              of={name}
              isOn={nullable}
              onChange={(isOn) => change({ nullable: isOn })}
            />
          </>
        )}
      </div>
    </div>
  );
};

const wordsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
];

/** Keeps what is being typed until the field is left: the file must not change under the cursor. */
const Typed = ({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}) => {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <input
      class="text-input"
      aria-label={label}
      placeholder={placeholder}
      autocomplete="off"
      value={draft}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => currentTarget.value !== value && onChange(currentTarget.value)}
    />
  );
};

const Bound = ({
  label,
  of,
  value,
  onChange,
}: {
  label: string;
  of: string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}) => (
  <label class="rule">
    <span>{label}</span>
    <input
      class="text-input bound"
      type="number"
      aria-label={`${label} of ${of}`}
      value={value ?? ''}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? undefined : Number(currentTarget.value))
      }
    />
  </label>
);

const Check = ({
  label,
  of,
  isOn,
  onChange,
}: {
  label: string;
  of: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) => (
  <label class="check">
    <input
      type="checkbox"
      aria-label={`${label}: ${of}`}
      checked={isOn}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
    {label}
  </label>
);
