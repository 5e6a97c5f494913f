import { ScrollArea } from '../layout/scroll-area.tsx';
import { label } from '../wording/wording.ts';

type Fields = Record<string, unknown>;

/** An answer of any schema for people: fields as terms, lists of objects as tables, lists of words as tags. */
export const AnswerFields = ({ answer }: { answer: Fields }) => (
  <dl class="answer" data-testid="answer">
    {Object.entries(answer).map(([key, value]) => (
      <div key={key} class={isTable(value) || isLong(value) ? 'wide' : ''}>
        <dt>{label(key)}</dt>
        <dd>
          <Value name={key} value={value} />
        </dd>
      </div>
    ))}
  </dl>
);

const Value = ({ name, value }: { name: string; value: unknown }) => {
  if (value === null || value === undefined || value === '') return <span class="none">none</span>;
  if (name === 'confidence' && typeof value === 'number') return <Confidence value={value} />;
  if (isTable(value)) return <FieldTable name={name} rows={value} />;
  if (Array.isArray(value)) return <Words words={value.map(String)} />;
  if (typeof value === 'object') return <AnswerFields answer={value as Fields} />;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  return <span class="value">{String(value)}</span>;
};

const Confidence = ({ value }: { value: number }) => (
  <span class="confidence">
    <meter min={0} max={1} low={0.5} high={0.75} optimum={1} value={value} aria-label="Confidence" />
    {Math.round(value * 100)} %
  </span>
);

const Words = ({ words }: { words: readonly string[] }) =>
  words.length === 0 ? (
    <span class="none">none</span>
  ) : (
    <ul class="words">
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );

const FieldTable = ({ name, rows }: { name: string; rows: readonly Fields[] }) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <ScrollArea kind="scroll" label={label(name)}>
      <table class="items">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {label(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column} class={typeof row[column] === 'number' ? 'number' : ''}>
                  <Value name={column} value={row[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
};

const isTable = (value: unknown): value is Fields[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === 'object' && item !== null);

const LONG = 40;
const isLong = (value: unknown): boolean => typeof value === 'string' && value.length > LONG;
