import { useEffect, useId, useState } from 'preact/hooks';
import { fieldPath } from '../../shared/profiles/schema/shape.ts';
import { usePlace } from '../evidence/pointing.tsx';
import { Icon } from '../layout/icon.tsx';
import { label } from '../wording/wording.ts';
import { type Editor, editorFor, emptyValue, type FormSchema } from './answer-form.ts';

interface ValueEditorProps {
  /** For people: which value it is. */
  name: string;
  /** Where it is in the answer: `items[0].sku`. */
  path: string;
  schema: FormSchema | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
  /** An entry of the list at a path is gone; those behind it have moved up. */
  onRemoved: (path: string, index: number) => void;
}

/** Edits a value of any schema by its type. */
export const ValueEditor = ({ name, path, schema, value, onChange, onRemoved }: ValueEditorProps) => {
  const { editor, mayBeNull } = editorFor(schema, value);
  switch (editor.kind) {
    case 'list':
      return <ListEditor {...{ name, path, value, onChange, onRemoved }} of={editor.of} />;
    case 'object':
      return (
        <fieldset class="object-editor">
          <legend>{label(name)}</legend>
          {Object.entries(editor.properties).map(([key, one]) => (
            <ValueEditor
              key={key}
              name={key}
              path={fieldPath(path, key)}
              onRemoved={onRemoved}
              schema={one}
              value={(value as Record<string, unknown> | null)?.[key]}
              onChange={(next) => onChange({ ...(value as Record<string, unknown> | null), [key]: next })}
            />
          ))}
        </fieldset>
      );
    default:
      return <ScalarEditor {...{ name, path, editor, mayBeNull, value, onChange }} />;
  }
};

const ListEditor = ({
  name,
  path,
  of,
  value,
  onChange,
  onRemoved,
}: Omit<ValueEditorProps, 'schema'> & { of: FormSchema }) => {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  const title = label(name);
  return (
    <fieldset class="list-editor">
      <legend>{title}</legend>
      <ol>
        {entries.map((entry, i) => (
          <li key={i}>
            <ValueEditor
              name={`${name} ${i + 1}`}
              path={`${path}[${i}]`}
              onRemoved={onRemoved}
              schema={of}
              value={entry}
              onChange={(next) => onChange(entries.with(i, next))}
            />
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove ${title} ${i + 1}`}
              onClick={() => {
                onChange(entries.toSpliced(i, 1));
                onRemoved(path, i);
              }}
            >
              <Icon name="trash" size={16} />
            </button>
          </li>
        ))}
      </ol>
      <button type="button" class="button small" onClick={() => onChange([...entries, emptyValue(of)])}>
        <Icon name="plus" size={15} /> Add to {title}
      </button>
    </fieldset>
  );
};

interface ScalarEditorProps {
  name: string;
  path: string;
  editor: Exclude<Editor, { kind: 'list' | 'object' }>;
  mayBeNull: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

const LONG_TEXT = 60;

const ScalarEditor = ({ name, path, editor, mayBeNull, value, onChange }: ScalarEditorProps) => {
  const id = useId();
  const place = usePlace(path);
  const described = place ? { 'aria-describedby': place.id } : {};
  const control = () => {
    switch (editor.kind) {
      case 'text': {
        const text = typeof value === 'string' ? value : '';
        const change = (typed: string) => onChange(typed === '' && mayBeNull ? null : typed);
        const rest = {
          id,
          class: 'text-input',
          ...described,
          value: text,
          ...(editor.maxLength ? { maxLength: editor.maxLength } : {}),
        };
        return text.length > LONG_TEXT ? (
          <textarea {...rest} rows={3} onInput={({ currentTarget }) => change(currentTarget.value)} />
        ) : (
          <input {...rest} onInput={({ currentTarget }) => change(currentTarget.value)} />
        );
      }
      case 'number':
        return (
          <input
            id={id}
            {...described}
            class="text-input"
            type="number"
            step={editor.isWhole ? 1 : 'any'}
            min={editor.minimum}
            max={editor.maximum}
            value={typeof value === 'number' ? value : ''}
            onInput={({ currentTarget }) =>
              onChange(currentTarget.value === '' ? (mayBeNull ? null : 0) : Number(currentTarget.value))
            }
          />
        );
      case 'yes-no':
        return <Choice id={id} values={[true, false]} {...{ described, mayBeNull, value, onChange }} />;
      case 'choice':
        return <Choice id={id} values={editor.values} {...{ described, mayBeNull, value, onChange }} />;
      case 'any':
        return <AnyValue {...{ id, described, value, onChange }} />;
    }
  };
  return (
    <div class="scalar" {...place?.handlers}>
      <label for={id}>{label(name)}</label>
      {control()}
      {place && (
        <span id={place.id} class="visually-hidden">
          {place.words}
        </span>
      )}
    </div>
  );
};

const wordOf = (value: unknown): string =>
  value === true ? 'yes' : value === false ? 'no' : value === null ? 'none' : String(value);

type Described = { 'aria-describedby'?: string };

const Choice = ({
  id,
  described,
  values,
  mayBeNull,
  value,
  onChange,
}: {
  id: string;
  described: Described;
  values: readonly unknown[];
  mayBeNull: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}) => {
  const all = mayBeNull ? [...values, null] : values;
  return (
    <select
      id={id}
      {...described}
      value={String(all.indexOf(value ?? null))}
      onChange={({ currentTarget }) => onChange(all[Number(currentTarget.value)])}
    >
      {all.map((one, i) => (
        <option key={wordOf(one)} value={String(i)}>
          {wordOf(one)}
        </option>
      ))}
    </select>
  );
};

/** A value that may have several forms: as JSON, the one place where nothing simpler says it. */
const AnyValue = ({
  id,
  described,
  value,
  onChange,
}: {
  id: string;
  described: Described;
  value: unknown;
  onChange: (value: unknown) => void;
}) => {
  const [typed, setTyped] = useState(() => JSON.stringify(value, null, 2) ?? '');
  const [isBroken, setIsBroken] = useState(false);
  useEffect(() => setTyped(JSON.stringify(value, null, 2) ?? ''), [value]);
  const change = (text: string) => {
    try {
      onChange(JSON.parse(text));
      setIsBroken(false);
    } catch {
      setIsBroken(true);
    }
  };
  return (
    <>
      <textarea
        id={id}
        {...described}
        class="text-input"
        rows={4}
        value={typed}
        aria-invalid={isBroken}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
      {isBroken && <span class="hint trouble">This is no JSON yet.</span>}
    </>
  );
};
