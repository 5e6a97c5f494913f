import { useRef } from 'preact/hooks';
import type { ProfileChanged } from '../../shared/results/api/profile-views.ts';

interface FileEditorProps {
  name: string;
  text: string;
  edit: (text: string) => void;
  said: Pick<ProfileChanged, 'problems' | 'warnings'>;
}

const ROWS = 26;

/** The file itself, with what is wrong with it and where. */
export const FileEditor = ({ name, text, edit, said }: FileEditorProps) => {
  const area = useRef<HTMLTextAreaElement>(null);
  const goTo = (line: number) => {
    const from =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0);
    const end = text.indexOf('\n', from);
    area.current?.focus();
    area.current?.setSelectionRange(from, end === -1 ? text.length : end);
  };
  const sentences = [
    ...said.problems.map((problem) => ({ ...problem, kind: 'trouble' })),
    ...said.warnings.map((problem) => ({ ...problem, kind: 'warning' })),
  ];
  return (
    <section class="card pad file-editor" aria-labelledby="file-heading">
      <h3 id="file-heading">
        The file <span class="tag">{name}.yaml</span>
      </h3>
      <textarea
        ref={area}
        class="text-input"
        aria-label="The file"
        rows={ROWS}
        spellcheck={false}
        wrap="off"
        value={text}
        onInput={({ currentTarget }) => edit(currentTarget.value)}
      />
      {sentences.length > 0 && (
        <ul class="sentences" aria-label="What is wrong with the file" data-testid="file-problems">
          {sentences.map(({ text: sentence, line, kind }) => (
            <li key={`${line} ${sentence}`} class={`hint ${kind}`}>
              {line !== undefined && (
                <button type="button" class="button small" onClick={() => goTo(line)}>
                  Line {line}
                </button>
              )}
              <span>{sentence}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};
