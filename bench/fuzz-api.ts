import { fuzz } from './api/fuzz.ts';
import { startLocalApi } from './api/local-api.ts';
import { OddRequests } from './api/odd-requests.ts';
import { resultIds } from './api/seed.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

/** 5,000 odd requests (500 in a short run), the same ones each time. */
export async function run(options: BenchOptions): Promise<Report> {
  const count = options.short ? 500 : 5_000;
  const api = await startLocalApi({ UPLOAD_IDLE_MS: '5000' });
  try {
    const odd = new OddRequests(1, await resultIds(api.cloud));
    const began = performance.now();
    const { requests, statuses, findings } = await fuzz(api.url, () => odd.next(), { count });
    const seconds = (performance.now() - began) / 1000;
    const restarts = api.cloud.supervisor.restarts('api');
    return report(
      'fuzz-api',
      options,
      [
        atMost('answers of 500 and above, leaks, silences', findings.length, 0, 'requests'),
        atMost('crashes of the function', restarts, 0, 'times'),
        figure('odd requests', requests, 'requests'),
        figure('rate', requests / seconds, 'requests/s'),
      ],
      [
        `answers: ${Object.entries(statuses)
          .map(([status, times]) => `${status} ${times} times`)
          .join(', ')}`,
        ...findings
          .slice(0, 10)
          .map(({ request: { method, path }, why }) => `${method} ${path.slice(0, 100)}: ${why}`),
      ],
    );
  } finally {
    await api.close();
  }
}
