import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of five seconds and more, the longest first. */
const SLOW = [
  'browser/page',
  'browser/page-access',
  'local/start',
  'pipeline/crashes',
  'analyze/guard',
  'resize/svg',
  'money/instances',
  'batch/unanswered',
  'batch/lane',
  'batch/operators',
  'batch/at-once',
  'contract/firestore',
  'api/upload',
  'money/bill',
  'pipeline/pauses',
  'recovery/replays',
  'recovery/sweep',
  'pipeline/own-profile',
  'resize/hidden-text',
  'local/reader',
  'local/started',
  'webhooks/receivers',
  'webhooks/delivery',
  'analyze/guard-pauses',
  'money/context-cache',
  'contract/storage',
  'api/waiting',
  'local/pubsub-restart',
  'local/gemini-answers',
  'local/supervisor',
  'recovery/deletion',
  'money/live-limits',
  'money/late-bookings',
  'api/upload-trouble',
  'api/client',
].map((name) => join(import.meta.dirname, '..', `${name}.test.ts`));

const gone = SLOW.filter((file) => !existsSync(file));
if (gone.length > 0) throw new Error(`These files are no more where they begin first: ${gone.join(', ')}`);

/** Begins with what takes longest: a long file that begins late would leave the other workers without work. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = SLOW.indexOf(moduleId);
      return at < 0 ? SLOW.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
