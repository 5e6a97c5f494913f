import { randomBytes } from 'node:crypto';
import { startLocalApi } from './api/local-api.ts';
import { submitMany } from './api/submit-many.ts';
import { mebibytes } from './measure.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

const MEGABYTE = 1_000_000;

/**
 * 500 submits of 4 MB at the same time (50 in a short run), and what they cost the function in memory. Most of the growth
 * is what has gone through and is not yet collected: ten times 50 one after the other grow it nearly as much.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const submits = options.short ? 50 : 500;
  const api = await startLocalApi({ UPLOAD_IDLE_MS: '300000' });
  try {
    const picture = randomBytes(4 * MEGABYTE);
    await submitMany(api.url, picture, 5);
    const before = api.cloud.supervisor.memory('api');
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, api.cloud.supervisor.memory('api'));
    }, 10);
    const began = performance.now();
    const statuses = await submitMany(api.url, picture, submits);
    const seconds = (performance.now() - began) / 1000;
    clearInterval(watching);
    const refused = statuses.filter((status) => status !== 202).length;
    return report('submit-memory', options, [
      atMost('submits that were not accepted', refused, 0, 'submits'),
      atMost('memory of the function, growth at its peak', mebibytes(peak - before), 400, 'MiB'),
      figure('memory of the function before', mebibytes(before), 'MiB'),
      figure('submits of 4 MB at the same time', submits, 'submits'),
      figure('bytes that went through', (submits * picture.length) / MEGABYTE, 'MB'),
      figure('throughput', (submits * picture.length) / MEGABYTE / seconds, 'MB/s'),
    ]);
  } finally {
    await api.close();
  }
}
