import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of five seconds and more, the longest first. */
const SLOW = [
  'local/start',
  'local/started',
  'pipeline/crashes',
  'analyze/guard',
  'recovery/sweep',
  'resize/svg',
  'money/instances',
  'contract/firestore',
  'pipeline/pauses',
  'api/upload',
  'pipeline/own-profile',
  'money/bill',
  'money/live-limits',
  'api/waiting',
  'recovery/replays',
  'analyze/guard-pauses',
  'money/late-bookings',
  'api/upload-trouble',
  'money/context-cache',
  'resize/hidden-text',
  'local/reader',
  'webhooks/delivery',
  'local/supervisor',
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
