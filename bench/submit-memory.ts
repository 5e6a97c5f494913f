import { randomBytes } from 'node:crypto';
import { startLocalApi } from './api/local-api.ts';
import { submitForms } from './api/submit-forms.ts';
import { submitMany } from './api/submit-many.ts';
import { mebibytes } from './measure.ts';
import { atMost, type BenchOptions, figure, type Report, report } from './report.ts';

const MEGABYTE = 1_000_000;

/** As a phone's album is sent: 16 people at once. */
const FORMS = 16;
const FILES = 100;
const FORM_PICTURE_BYTES = 300_000;

/**
 * 500 submits of 4 MB at the same time (50 in a short run), and what they cost the function in memory; then 16 forms of
 * 100 files at once against 16 forms of one file, as often as the same bytes have gone through. Most of the growth is
 * what has gone through and is not yet collected: ten times 50 one after the other grow it nearly as much.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const submits = options.short ? 50 : 500;
  const picture = randomBytes(4 * MEGABYTE);
  const many = await watched((url) => submitMany(url, picture, submits));
  const small = randomBytes(FORM_PICTURE_BYTES);
  const single = await watched(async (url) => {
    const statuses: number[] = [];
    for (let i = 0; i < FILES; i += 1)
      statuses.push(...(await submitForms(url, small, { forms: FORMS, files: 1 })));
    return statuses;
  });
  const full = await watched((url) => submitForms(url, small, { forms: FORMS, files: FILES }));
  return report('submit-memory', options, [
    atMost('submits that were not accepted', many.refused + single.refused + full.refused, 0, 'submits'),
    atMost('memory of the function, growth at its peak', mebibytes(many.growth), 400, 'MiB'),
    figure('memory of the function before', mebibytes(many.before), 'MiB'),
    figure('submits of 4 MB at the same time', submits, 'submits'),
    figure('bytes that went through', (submits * picture.length) / MEGABYTE, 'MB'),
    figure('throughput', (submits * picture.length) / MEGABYTE / many.seconds, 'MB/s'),
    figure('16 forms of one file at once, 100 times: peak', mebibytes(single.before + single.growth), 'MiB'),
    figure('16 forms of 100 files at once: peak', mebibytes(full.before + full.growth), 'MiB'),
    figure('16 forms of 100 files at once: time', full.seconds, 's'),
  ]);
}

/** What some submits cost a fresh function: memory in bytes. */
async function watched(
  submit: (url: string) => Promise<number[]>,
): Promise<{ before: number; growth: number; seconds: number; refused: number }> {
  const api = await startLocalApi({ UPLOAD_IDLE_MS: '300000' });
  try {
    await submitMany(api.url, randomBytes(4 * MEGABYTE), 5);
    const before = api.cloud.supervisor.memory('api');
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, api.cloud.supervisor.memory('api'));
    }, 10);
    const began = performance.now();
    const statuses = await submit(api.url);
    const seconds = (performance.now() - began) / 1000;
    clearInterval(watching);
    return { before, growth: peak - before, seconds, refused: statuses.filter((one) => one !== 202).length };
  } finally {
    await api.close();
  }
}
