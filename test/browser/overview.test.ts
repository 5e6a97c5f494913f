import { describe, expect, it } from 'vitest';
import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import { weekOf } from '../../shared/results/satisfaction.ts';
import { AXIS_STEPS } from '../../web/overview/axis-steps.ts';
import { duration } from '../../web/wording/wording.ts';
import { answered, idNumber } from '../api/documents.ts';
import { accessibilityViolations, whyNoBrowser } from './chromium.ts';
import { type OpenedPage, usePage } from './opened-page.ts';

const PARKED = {
  status: 'parked',
  failure: { code: 'MODEL_QUOTA_DAY', message: 'The quota of today is used up.', hint: 'Wait.' },
} as const;

async function writeSome(screen: OpenedPage): Promise<void> {
  for (let n = 1; n <= 6; n += 1)
    await screen.write(n, `n${n}.jpg`, answered(Date.now() - 90_000 - n * 20_000));
  const parked = { until: new Date(Date.now() + 3_600_000), reason: 'The quota of today is used up.' };
  await screen.write(10, 'late.jpg', { ...PARKED, parked });
  const failure = { code: 'MODEL_CUT_OFF', message: 'The answer was cut off.', hint: 'Replay it.' } as const;
  await screen.write(11, 'cut.jpg', { status: 'failed', failure });
  await screen.api.firestore.doc('control/model-gemini-3.5-flash').set({
    pausedUntil: new Date(Date.now() + 600_000),
    reason: 'It answered 503 five times in a row.',
    code: 'MODEL_PAUSED',
  });
}

describe('the marks of a time axis', () => {
  it.each([3, 47, 260, 900, 4_000, 18_000, 50_000, 70_000, 78_000, 200_000, 900_000, 7_000_000])(
    'are what their labels say, up to %d ms',
    (top) => {
      // At most four of them, as in the height of a chart.
      const step = AXIS_STEPS.time.find((one) => top / one <= 4.6) ?? 0;
      const marks = Array.from({ length: Math.floor(top / step) }, (_, index) => (index + 1) * step);
      const units: Record<string, number> = { ms: 1, s: 1_000, min: 60_000 };
      const said = marks.map((mark) => {
        const [figure = '', unit = ''] = duration(mark).split(' ');
        return Number(figure.replaceAll(',', '')) * (units[unit] ?? 0);
      });
      expect(said).toEqual(marks);
    },
  );
});

describe.skipIf(whyNoBrowser !== undefined)(`the overview${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('shows success, latency by stage, what waits, and replays it by one click', async () => {
    const screen = opened();
    const { page } = screen;
    await writeSome(screen);
    await screen.open('/overview');
    await page.getByText('85.7 %').waitFor();
    await page.getByRole('rowheader', { name: 'Resizing' }).waitFor();
    await page.getByRole('cell', { name: '812 ms' }).first().waitFor();

    const parked = page.getByTestId('parked');
    await parked.getByRole('link', { name: 'late.jpg' }).waitFor();
    await parked.getByRole('button', { name: 'Replay late.jpg' }).click();
    await parked.getByText('No picture waits.').waitFor();
    const stored = (await screen.api.firestore.doc(`results/${idNumber(10)}`).get()).data();
    expect(stored?.['status']).toBe('received');

    await page.getByTestId('failed').getByRole('link', { name: 'cut.jpg' }).click();
    await page.getByRole('heading', { name: 'cut.jpg' }).waitFor();
  });

  it('says which share of the pictures got no answer, by code, and what to do about it', async () => {
    const screen = opened();
    await writeSome(screen);
    await screen.open('/overview');
    const failures = screen.page.getByTestId('failures');
    await failures.getByText('12.5 % failed: MODEL_CUT_OFF.').waitFor();
    await failures.getByText('Raise maxOutputTokens of the ladder step').waitFor();
    await failures.getByRole('row', { name: 'MODEL_QUOTA_DAY parked 1 12.5 %' }).waitFor();
  });

  it('shows how often people find the answers right, by profile, model and week', async () => {
    const screen = opened();
    const counted = { inventory: { 'gemini-3.5-flash-lite': { '0': { right: 9, corrected: 1 } } } };
    await screen.api.firestore.doc(`satisfaction/${weekOf(Date.now())}`).set({ profiles: counted });
    await screen.open('/overview');
    const panel = screen.page.getByTestId('satisfaction');
    await panel.getByRole('row', { name: 'inventory 10 90 %' }).waitFor();
    await panel.getByRole('row', { name: `week ${weekOf(Date.now())} 10 90 %` }).waitFor();
  });

  it('shows the dead letters and replays them by one click', async () => {
    const screen = opened();
    const letter = finalizedNotification({ bucket: 'uploads', name: 'lost.jpg', generation: '1' }, {});
    await screen.api.cloud.pubsub.publish('uploads-dead-letters', {
      ...letter,
      attributes: { ...letter.attributes },
    });
    await screen.open('/overview');
    const letters = screen.page.getByTestId('dead-letters');
    await letters.getByText('gs://uploads/lost.jpg#1').waitFor();
    await letters.getByText('It never came so far that a result was begun.').waitFor();
    await letters.getByRole('button', { name: 'Replay all' }).click();
    await letters.getByText('Nothing was given up.').waitFor();
  });

  it('has a table behind each chart', async () => {
    const screen = opened();
    const { page } = screen;
    await writeSome(screen);
    await screen.open('/overview');
    await page.getByRole('img', { name: /What ended per minute in the last hour: 6 completed/ }).waitFor();
    await page.getByRole('button', { name: 'Ended per minute as a table' }).click();
    const table = page.getByRole('group', { name: 'Ended per minute: table' });
    await table.getByRole('columnheader', { name: 'Completed' }).waitFor();
    await page.getByRole('button', { name: 'Ended per minute as a table' }).click();
    await page.getByRole('img', { name: /What ended per minute/ }).waitFor();
  });

  it.each(['light', 'dark'] as const)('has nothing that axe-core objects to, in %s', async (colorScheme) => {
    const screen = opened();
    const { page } = screen;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await writeSome(screen);
    await screen.open('/overview');
    await page.getByText('85.7 %').waitFor();
    await page.getByText('late.jpg').waitFor();
    await page.getByText('Cost per day').first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Upload to answer as a table' }).click();
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('is not loaded before it is opened', async () => {
    const screen = opened();
    const scripts: string[] = [];
    screen.page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(new URL(response.url()).pathname);
    });
    await screen.open();
    expect(scripts.filter((path) => path.includes('overview'))).toEqual([]);
    await screen.page.getByRole('link', { name: 'Overview' }).click();
    await screen.page.getByText('Success rate').waitFor();
    expect(scripts.filter((path) => path.includes('overview'))).toHaveLength(1);
  });
});
