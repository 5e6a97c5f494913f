import { isViewStatus, type Status, VIEW_STATUSES, type ViewStatus } from '../../shared/results/statuses.ts';
import { CliError } from '../failure.ts';
import type { Output } from '../output.ts';

/** The color of a status, given to any text. */
export function paintStatus(out: Output, status: Status | ViewStatus, text: string): string {
  switch (status) {
    case 'completed':
      return out.green(text);
    case 'failed':
    case 'refused':
      return out.red(text);
    case 'parked':
      return out.yellow(text);
    default:
      return out.cyan(text);
  }
}

/** Also readable without color. */
export function signOf(status: Status | ViewStatus): string {
  switch (status) {
    case 'completed':
      return '✓';
    case 'failed':
    case 'refused':
      return '✗';
    case 'parked':
      return '‖';
    default:
      return '…';
  }
}

export function parseStatus(text: string): ViewStatus {
  if (isViewStatus(text)) return text;
  throw new CliError(`There is no status "${text}".`, { hint: `There are: ${VIEW_STATUSES.join(', ')}.` });
}
