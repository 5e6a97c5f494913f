import { useState } from 'preact/hooks';
import { label } from '../wording/wording.ts';

interface CorrectionProps {
  answer: Record<string, unknown>;
  onGive: (fields: Record<string, unknown>) => void;
}

/** The answer as fields to change: text as text, everything else as JSON, since an answer may have any shape. */
export const Correction = ({ answer, onGive }: CorrectionProps) => {
  const fields = Object.entries(answer).filter(([name]) => name !== 'confidence');
  const [texts, setTexts] = useState(() => new Map(fields.map(([name, value]) => [name, textOf(value)])));
  const changed = fields.filter(([name, value]) => texts.get(name) !== textOf(value));
  const broken = changed.filter(([name, value]) => parsed(texts.get(name) ?? '', value) === undefined);

  const give = (event: Event) => {
    event.preventDefault();
    if (broken.length > 0 || changed.length === 0) return;
    onGive(
      Object.fromEntries(changed.map(([name, value]) => [name, parsed(texts.get(name) ?? '', value)?.value])),
    );
  };
  return (
    <form class="correction" onSubmit={give}>
      {fields.map(([name, value]) => {
        const isBroken = broken.some(([other]) => other === name);
        return (
          <label key={name} class="field">
            <span>{label(name)}</span>
            <textarea
              class="text-input"
              rows={Math.min(12, textOf(value).split('\n').length)}
              spellcheck={typeof value === 'string'}
              aria-invalid={isBroken}
              value={texts.get(name)}
              onInput={({ currentTarget }) => setTexts(new Map([...texts, [name, currentTarget.value]]))}
            />
            {isBroken && <span class="hint trouble">This is no JSON yet.</span>}
          </label>
        );
      })}
      <div class="buttons">
        <button type="submit" class="button primary" disabled={changed.length === 0 || broken.length > 0}>
          Save the correction
        </button>
      </div>
    </form>
  );
};

/** Text stays as it is; a field that is null may become text. */
const isText = (value: unknown): boolean => typeof value === 'string' || value === null;

const textOf = (value: unknown): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function parsed(text: string, before: unknown): { value: unknown } | undefined {
  if (isText(before)) return { value: before === null && text === '' ? null : text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
