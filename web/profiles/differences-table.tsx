import type { Difference } from '../../shared/profiles/file/differences.ts';
import { ScrollArea } from '../layout/scroll-area.tsx';

/** What is otherwise in one version than in another. */
export const DifferencesTable = ({
  differences,
  label,
}: {
  differences: readonly Difference[];
  label: string;
}) =>
  differences.length === 0 ? (
    <p class="hint">No difference.</p>
  ) : (
    <ScrollArea kind="scroll" label={label}>
      <table class="items differences">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ path, before, after }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td>
                <Written value={before} kind="gone" />
              </td>
              <td>
                <Written value={after} kind="new" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );

const Written = ({ value, kind }: { value: unknown; kind: 'gone' | 'new' }) =>
  value === undefined ? (
    <span class="none">none</span>
  ) : (
    <span class={`written ${kind}`}>{typeof value === 'string' ? value : JSON.stringify(value)}</span>
  );
