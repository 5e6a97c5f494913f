import type { ResultView } from '../../shared/results/api/result.ts';
import type { ViewStatus } from '../../shared/results/statuses.ts';
import { Icon, type IconName } from '../layout/icon.tsx';
import { statusWord } from '../wording/wording.ts';

const ICONS: Partial<Record<ViewStatus, IconName>> = {
  completed: 'check',
  failed: 'alert',
  refused: 'cross',
  parked: 'pause',
};

export const StatusChip = ({ result }: { result: ResultView }) => {
  const icon = ICONS[result.status];
  return (
    <span class={`status ${result.status}`} data-testid="status">
      {icon ? <Icon name={icon} size={14} /> : <span class="spinner" aria-hidden="true" />}
      {statusWord(result)}
    </span>
  );
};
