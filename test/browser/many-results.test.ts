import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { answered, idNumber, resultAt } from '../api/documents.ts';
import { whyNoBrowser } from './chromium.ts';
import { type OpenedPage, usePage } from './opened-page.ts';

const RESULTS = 100_000;
const BATCH = 500;
const FAILURE = {
  code: 'MODEL_CUT_OFF',
  message: 'The answer was cut off.',
  hint: 'Replay the image.',
} as const;

/** One result per second, newest first; every 50th failed, every 7th of the profile describe. */
async function writeMany({ api }: OpenedPage): Promise<void> {
  const { firestore } = api;
  const now = Date.now();
  for (let start = 0; start < RESULTS; start += BATCH * 4) {
    await Promise.all(
      [0, 1, 2, 3].map(async (part) => {
        const batch = firestore.batch();
        for (let n = start + part * BATCH; n < start + (part + 1) * BATCH; n += 1) {
          const at = now - n * 1_000;
          // Half of the fields: what rows do not show only costs time to write.
          const { attempts: _calls, model: _model, ...changes } = answered(at + 900);
          const document = resultAt(at, changes);
          if (n % 50 === 3) Object.assign(document, { status: 'failed', failure: FAILURE });
          batch.set(firestore.doc(`results/${idNumber(n)}`), {
            ...document,
            profile: n % 7 === 0 ? 'describe' : 'inventory',
            source: {
              ...document.source,
              name: `inventory/n${n}.jpg`,
              uploader: n % 1_000 === 5 ? 'zoe' : 'mia',
            },
          });
        }
        await batch.commit();
      }),
    );
  }
}

/** Elements on the page. */
const elements = ({ page }: OpenedPage) => page.evaluate<number>('document.querySelectorAll("*").length');

/** Milliseconds until the locator is there after the action. */
async function timed(action: () => Promise<unknown>, until: () => Locator): Promise<number> {
  const startedAt = performance.now();
  await action();
  await until().first().waitFor();
  return performance.now() - startedAt;
}

/** Longest time in which the page could not react, in milliseconds, while something was done. */
async function longestTask({ page }: OpenedPage, work: () => Promise<void>): Promise<number> {
  await page.evaluate(`(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: 'longtask' });
  })()`);
  await work();
  return page.evaluate<number>('window.longest');
}

describe.skipIf(whyNoBrowser !== undefined)(`a list of 100,000 results${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  // Bounds are three times what an idle machine of two cores needs, or more: they find a list that grows, not a slow day.
  it('opens, scrolls, pages and filters without slowing, on a page that stays small', {
    timeout: 240_000,
  }, async () => {
    const screen = opened();
    const { page } = screen;
    await writeMany(screen);

    const firstRows = await timed(
      () => page.goto(screen.api.url, { waitUntil: 'commit' }),
      () => screen.row('n0.jpg'),
    );
    await page.getByRole('radio', { name: 'All 100,000' }).waitFor();
    const small = await elements(screen);
    const height = () => page.evaluate<number>('document.documentElement.scrollHeight');

    const longest = await longestTask(screen, async () => {
      for (let reach = 1; reach <= 20; reach += 1) {
        const before = await height();
        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        await expect.poll(height, { interval: 20, timeout: 60_000 }).toBeGreaterThan(before);
      }
    });
    const afterPaging = await elements(screen);

    const back = await timed(
      () => page.evaluate('scrollTo(0, 66 * 1000)'),
      () => screen.row('n1001.jpg'),
    );
    await page.evaluate('scrollTo(0, 0)');
    const byStatus = await timed(
      () => page.getByRole('radio', { name: /^Failed/ }).check(),
      () => screen.row('n53.jpg'),
    );
    const byUploader = await timed(
      async () => {
        await page.getByRole('radio', { name: /^All/ }).check();
        await page.getByRole('searchbox', { name: 'Uploader' }).fill('zoe');
        await page.getByRole('searchbox', { name: 'Uploader' }).press('Enter');
      },
      () => screen.row('n1005.jpg'),
    );
    const figures = { firstRows, small, afterPaging, longest, back, byStatus, byUploader };

    expect(figures, JSON.stringify(figures)).toSatisfy(
      () =>
        firstRows < 6_000 &&
        small < 1_500 &&
        afterPaging < small * 1.5 &&
        longest < 600 &&
        back < 4_000 &&
        byStatus < 6_000 &&
        byUploader < 8_000,
    );
  });

  it('keeps the rows in place while new results arrive above them, and shows those at one click', async () => {
    const screen = opened();
    const { page } = screen;
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => screen.write(n + 10, `n${n + 10}.jpg`, answered(Date.now()))),
    );
    await screen.open();
    await screen.row('n10.jpg').waitFor();
    await page.evaluate('scrollTo(0, 1500)');
    const row = screen.row('n40.jpg');
    await row.waitFor();
    const before = await row.boundingBox();
    await screen.write(2, 'new2.jpg', answered(Date.now()));
    await screen.write(1, 'new1.jpg', { status: 'analyzing' });
    await page.getByRole('button', { name: '2 new results' }).waitFor();
    const known = screen.api.firestore.doc(`results/${idNumber(40)}`);
    await known.update({ status: 'failed', failure: FAILURE, updatedAt: new Date() });
    await screen.waitForStatus('n40.jpg', 'Failed');
    expect((await row.boundingBox())?.y).toBe(before?.y);

    await page.getByRole('button', { name: '2 new results' }).click();
    await screen.row('new1.jpg').waitFor();
    await screen.row('new2.jpg').waitFor();
    expect(await page.getByRole('button', { name: /new results?/ }).count()).toBe(0);
  });

  it('keeps what is being typed while the status is changed and results arrive', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.write(20, 'n20.jpg', answered(Date.now()));
    await screen.open();
    await screen.row('n20.jpg').waitFor();
    const uploader = page.getByRole('searchbox', { name: 'Uploader' });
    await uploader.pressSequentially('zo');
    await page
      .getByRole('radio', { name: /^Completed/ })
      .evaluate((radio: { click(): void }) => radio.click());
    await screen.write(10, 'n10.jpg', answered(Date.now()));
    await screen.row('n10.jpg').waitFor();
    expect(await uploader.inputValue()).toBe('zo');
  });

  it('comes back to the same place after a result was looked at', async () => {
    const screen = opened();
    const { page } = screen;
    await Promise.all(
      Array.from({ length: 150 }, (_, n) => screen.write(n, `n${n}.jpg`, answered(Date.now()))),
    );
    await screen.open();
    await screen.row('n0.jpg').waitFor();
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await screen.row('n102.jpg').waitFor();
    await page.evaluate('scrollTo(0, 66 * 80)');
    const row = screen.row('n85.jpg');
    await row.waitFor();
    const before = await row.boundingBox();
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: 'n85.jpg' }).waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('heading', { name: 'n86.jpg' }).waitFor();
    await page.goBack();
    await page.goBack();
    await row.waitFor();
    expect((await row.boundingBox())?.y).toBe(before?.y);
  });
});
