import { Icon } from '../layout/icon.tsx';
import { FieldHead, KindChoice } from './field-head.tsx';
import { FieldRules } from './field-rules.tsx';
import { type FieldForm, KINDS } from './file-form.ts';
import { withField, withNewField } from './file-text.ts';

interface FieldListProps {
  fields: readonly FieldForm[];
  /** Where the list stands in the file. */
  path: readonly string[];
  text: string;
  edit: (text: string) => void;
  /** Sentences about a field, by where it stands. */
  problems: ReadonlyMap<string, readonly string[]>;
}

/** The fields of an answer, or of an object in it, as rows. */
export const FieldList = (props: FieldListProps) => {
  const { fields, path, text, edit } = props;
  return (
    <div class="field-list">
      <ul>
        {fields.map((field) => (
          <FieldRow key={field.path.join('.')} {...props} field={field} />
        ))}
      </ul>
      <button type="button" class="button small" onClick={() => edit(withNewField(text, path))}>
        <Icon name="plus" size={15} /> {path.length === 1 ? 'Add a field' : `Add a field to ${ownerOf(path)}`}
      </button>
    </div>
  );
};

const ownerOf = (path: readonly string[]): string =>
  path.filter((part) => part !== 'fields' && part !== 'listOf').at(-1) ?? 'it';

const ENTRY_KINDS = KINDS.filter((kind) => kind !== 'list');

const FieldRow = (props: FieldListProps & { field: FieldForm }) => {
  const { field, fields, text, edit, problems } = props;
  const { path, name, entries } = field;
  const ofEntries = [...path, 'listOf'];
  const said = problems.get(path.join('.')) ?? [];
  return (
    <li class={`field-row ${said.length > 0 ? 'is-wrong' : ''}`} data-testid="field-row">
      <FieldHead field={field} names={fields.map((one) => one.name)} text={text} edit={edit} />
      <FieldRules field={field} change={(change) => edit(withField(text, path, change))} />
      {entries && (
        <div class="rule">
          <span>Each entry is</span>
          <KindChoice
            label={`Kind of the entries of ${name}`}
            kinds={ENTRY_KINDS}
            kind={entries.kind}
            onChange={(kind) => edit(withField(text, ofEntries, { kind }))}
          />
        </div>
      )}
      {entries?.kind === 'choice' && (
        <FieldRules
          field={{ ...entries, name: `an entry of ${name}` }}
          onlyValues
          change={(change) => edit(withField(text, ofEntries, change))}
        />
      )}
      {said.map((sentence) => (
        <p key={sentence} class="hint trouble">
          {sentence}
        </p>
      ))}
      {field.fields && (
        <FieldList
          {...props}
          fields={field.fields}
          path={entries ? [...ofEntries, 'fields'] : [...path, 'fields']}
        />
      )}
    </li>
  );
};
