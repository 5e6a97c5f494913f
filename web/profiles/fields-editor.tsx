import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ProfileChanged } from '../../shared/results/api/profile-views.ts';
import { FieldList } from './field-list.tsx';
import { fieldAtLine, readForm } from './file-form.ts';
import { withPrompt } from './file-text.ts';

interface FieldsEditorProps {
  text: string;
  edit: (text: string) => void;
  problems: ProfileChanged['problems'];
}

/** The question and the fields of the file as a form. While the file cannot be read, it says so instead. */
export const FieldsEditor = ({ text, edit, problems }: FieldsEditorProps) => {
  const form = useMemo(() => readForm(text), [text]);
  const byField = useMemo(() => {
    const sorted = Map.groupBy(problems, ({ line }) =>
      line === undefined ? '' : (fieldAtLine(form?.fields ?? [], line)?.path.join('.') ?? ''),
    );
    return new Map([...sorted].map(([path, found]) => [path, found.map((one) => one.text)]));
  }, [form, problems]);
  return (
    <section class="card pad fields-editor" aria-labelledby="fields-heading">
      <h3 id="fields-heading">Question and fields</h3>
      {!form && (
        <p class="hint">The file cannot be read as it stands; the fields are back when it is corrected.</p>
      )}
      {form && <Prompt value={form.prompt} onChange={(prompt) => edit(withPrompt(text, prompt))} />}
      {form?.fields && (
        <FieldList fields={form.fields} path={['fields']} text={text} edit={edit} problems={byField} />
      )}
      {form && !form.fields && (
        <p class="hint">This profile says its answer in a JSON Schema: edit that in the file.</p>
      )}
    </section>
  );
};

const Prompt = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <label class="field">
      <span>What is asked of the picture</span>
      <textarea
        class="text-input prompt"
        rows={3}
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
      />
    </label>
  );
};
