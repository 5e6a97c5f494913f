import { useState } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';
import { type FieldForm, KINDS, type Kind } from './file-form.ts';
import { moved, renamed, withField, without } from './file-text.ts';

interface FieldHeadProps {
  field: FieldForm;
  /** The names beside it, its own included. */
  names: readonly string[];
  text: string;
  edit: (text: string) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A field's name, kind and place. */
export const FieldHead = ({ field, names, text, edit }: FieldHeadProps) => {
  const { path, name, kind } = field;
  const [typed, setTyped] = useState<string>();
  const objection = typed === undefined || typed === name ? undefined : objectionTo(typed, names);
  const finish = () => {
    if (typed !== undefined && typed !== name && objection === undefined) edit(renamed(text, path, typed));
    setTyped(undefined);
  };
  return (
    <>
      <div class="field-head">
        <input
          class="text-input field-name"
          aria-label={`Name of ${name}`}
          aria-invalid={objection !== undefined}
          autocomplete="off"
          spellcheck={false}
          value={typed ?? name}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onBlur={finish}
          onKeyDown={(event) => event.key === 'Enter' && finish()}
        />
        <KindChoice
          label={`Kind of ${name}`}
          kinds={KINDS}
          kind={kind}
          onChange={(chosen) => edit(withField(text, path, { kind: chosen }))}
        />
        <span class="field-buttons">
          <RowButton
            icon="up"
            label={`Move ${name} up`}
            disabled={names[0] === name}
            act={() => edit(moved(text, path, -1))}
          />
          <RowButton
            icon="down"
            label={`Move ${name} down`}
            disabled={names.at(-1) === name}
            act={() => edit(moved(text, path, 1))}
          />
          <RowButton icon="trash" label={`Remove ${name}`} act={() => edit(without(text, path))} />
        </span>
      </div>
      {objection && <p class="hint trouble">{objection}</p>}
    </>
  );
};

function objectionTo(name: string, names: readonly string[]): string | undefined {
  if (names.includes(name)) return 'There is a field of that name already.';
  return NAME.test(name) ? undefined : 'Letters, digits and _ make a name; it begins with a letter.';
}

export const KindChoice = ({
  label,
  kinds,
  kind,
  onChange,
}: {
  label: string;
  kinds: readonly Kind[];
  kind: Kind;
  onChange: (kind: Kind) => void;
}) => (
  <select
    aria-label={label}
    value={kind}
    onChange={({ currentTarget }) => onChange(currentTarget.value as Kind)}
  >
    {kinds.map((one) => (
      <option key={one} value={one}>
        {one}
      </option>
    ))}
  </select>
);

const RowButton = ({
  icon,
  label,
  disabled = false,
  act,
}: {
  icon: 'up' | 'down' | 'trash';
  label: string;
  disabled?: boolean;
  act: () => void;
}) => (
  <button
    type="button"
    class="icon-button"
    aria-label={label}
    title={label}
    disabled={disabled}
    onClick={act}
  >
    <Icon name={icon} size={16} />
  </button>
);
