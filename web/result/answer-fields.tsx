import { fieldPath } from '../../shared/profiles/schema/shape.ts';
import { PlacedValue } from '../evidence/pointing.tsx';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { label } from '../wording/wording.ts';

type Fields = Record<string, unknown>;

/** An answer of any schema for people: fields as terms, lists of objects as tables, lists of words as tags. */
export const AnswerFields = ({ answer, at = '' }: { answer: Fields; at?: string }) => (
  <dl class="answer" data-testid="answer">
    {Object.entries(answer).map(([key, value]) => (
      <div key={key} class={isTable(value) || isLong(value) ? 'wide' : ''}>
        <dt>{label(key)}</dt>
        <dd>
          <Value name={key} value={value} at={fieldPath(at, key)} />
        </dd>
      </div>
    ))}
  </dl>
);

/** `at`: the path of the value in the answer. */
const Value = ({ name, value, at }: { name: string; value: unknown; at: string }) => {
  if (value === null || value === undefined || value === '') return <span class="none">none</span>;
  if (name === 'confidence' && typeof value === 'number') return <Confidence value={value} />;
  if (isTable(value)) return <FieldTable name={name} rows={value} at={at} />;
  if (Array.isArray(value)) return <Words words={value.map(String)} at={at} />;
  if (typeof value === 'object') return <AnswerFields answer={value as Fields} at={at} />;
  if (typeof value === 'boolean') return <PlacedValue path={at}>{value ? 'yes' : 'no'}</PlacedValue>;
  return (
    <PlacedValue path={at}>
      <span class="value">{String(value)}</span>
    </PlacedValue>
  );
};

const Confidence = ({ value }: { value: number }) => (
  <span class="confidence">
    <meter min={0} max={1} low={0.5} high={0.75} optimum={1} value={value} aria-label="Confidence" />
    {Math.round(value * 100)} %
  </span>
);

const Words = ({ words, at }: { words: readonly string[]; at: string }) =>
  words.length === 0 ? (
    <span class="none">none</span>
  ) : (
    <ul class="words">
      {words.map((word, i) => (
        <li key={word}>
          <PlacedValue path={`${at}[${i}]`}>{word}</PlacedValue>
        </li>
      ))}
    </ul>
  );

const FieldTable = ({ name, rows, at }: { name: string; rows: readonly Fields[]; at: string }) => {
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
                  <Value name={column} value={row[column]} at={fieldPath(`${at}[${index}]`, column)} />
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
