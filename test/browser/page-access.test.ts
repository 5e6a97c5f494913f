import { describe, expect, it } from 'vitest';
import { answered, idNumber, preparedAs } from '../api/documents.ts';
import { accessibilityViolations, whyNoBrowser } from './chromium.ts';
import { REFUSAL } from './documents.ts';
import { usePage } from './opened-page.ts';

describe.skipIf(whyNoBrowser !== undefined)(`the page, for everybody${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('can be used with the keyboard alone', async () => {
    const screen = opened();
    await screen.write(1, 'one.jpg', { ...preparedAs(idNumber(1), 51_200), ...answered(Date.now()) });
    // Listened for long before: the browser has to be told first, and Enter must not be quicker.
    const choosing = screen.page.waitForEvent('filechooser');
    await screen.open();
    await screen.row('one.jpg').waitFor();
    const focused = () => screen.page.evaluate<string>(`document.activeElement?.textContent?.trim() ?? ''`);

    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the results');
    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Results');
    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Overview');
    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Review');
    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Profiles');
    await screen.page.keyboard.press('Tab');
    await screen.page.keyboard.press('ArrowDown');
    expect(await screen.page.getByRole('combobox', { name: 'Profile' }).first().inputValue()).toBe(
      'inventory',
    );
    await screen.page.keyboard.press('Tab');
    expect(await focused()).toBe('Choose files');
    await screen.page.keyboard.press('Enter');
    await (await choosing).setFiles({ name: 'typed.jpg', mimeType: 'image/jpeg', buffer: screen.picture });
    await screen.page.getByTestId('upload').filter({ hasText: 'Queued' }).waitFor();

    for (let presses = 0; (await focused()) !== 'one.jpg' && presses < 20; presses += 1)
      await screen.page.keyboard.press('Tab');
    const outline = await screen.page.evaluate<string>(`(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement, '::after');
        return outlineStyle + ' ' + outlineWidth;
      })()`);
    expect(outline).toBe('solid 2px');
    await screen.page.keyboard.press('Enter');
    await screen.page.getByTestId('answer').waitFor();
    await screen.page.getByRole('link', { name: 'All results' }).press('Enter');
    await screen.row('one.jpg').waitFor();
  });

  it.each(['light', 'dark'] as const)('has nothing that axe-core objects to, in %s', async (colorScheme) => {
    const screen = opened();
    await screen.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await screen.open();
    await screen.page.getByRole('heading', { name: 'No pictures yet' }).waitFor();
    expect(await accessibilityViolations(screen.page)).toEqual([]);

    await screen.write(1, 'one.jpg', { ...preparedAs(idNumber(1), 51_200), ...answered(Date.now()) });
    await screen.write(2, 'two.jpg', REFUSAL);
    await screen.write(3, 'three.jpg', { status: 'analyzing' });
    const failure = { code: 'MODEL_QUOTA_DAY', message: 'Used up.', hint: 'Wait.' } as const;
    await screen.write(4, 'four.jpg', {
      status: 'parked',
      failure,
      parked: { until: new Date(), reason: 'Used up.' },
    });
    await screen.write(6, 'six.jpg', answered(Date.now()));
    await screen.write(5, 'five.jpg', { status: 'failed', failure });
    await screen.choose([
      { name: 'empty.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) },
      { name: 'a.jpg', mimeType: 'image/jpeg', buffer: screen.picture },
    ]);
    await screen.waitForStatus('five.jpg', 'Failed');
    expect(await accessibilityViolations(screen.page)).toEqual([]);

    for (const name of ['one.jpg', 'two.jpg']) {
      const detail = await screen.openResult(name);
      await detail.getByText('Result as JSON').click();
      if (name === 'one.jpg') await detail.getByRole('img').last().waitFor();
      expect(await accessibilityViolations(screen.page)).toEqual([]);
      await screen.page.goBack();
    }
    await screen.openResult('one.jpg');
    await screen.page.getByRole('button', { name: 'Correct', exact: true }).click();
    await screen.page.getByRole('button', { name: 'Delete' }).click();
    await screen.page.getByRole('dialog').waitFor();
    expect(await accessibilityViolations(screen.page)).toEqual([]);
  });

  it('fits a phone 360 pixels wide without scrolling sideways', async () => {
    const screen = opened();
    await screen.page.setViewportSize({ width: 360, height: 740 });
    const scrollWidth = () => screen.page.evaluate<number>('document.documentElement.scrollWidth');
    await screen.open();
    await screen.page.getByRole('heading', { name: 'No pictures yet' }).waitFor();
    expect(await scrollWidth()).toBe(360);
    await screen.write(1, `${'very-long-name-'.repeat(10)}.jpg`, {
      ...preparedAs(idNumber(1), 51_200),
      ...answered(Date.now()),
    });
    await screen.write(2, 'two.jpg', {
      ...REFUSAL,
      failure: { code: 'UNKNOWN', message: 'x'.repeat(300), hint: 'Wait.' },
    });
    await screen.row('two.jpg').waitFor();
    expect(await scrollWidth()).toBe(360);
    for (const name of [/^very-long-name/, 'two.jpg']) {
      await screen.openResult(name);
      expect(await scrollWidth()).toBe(360);
      await screen.page.goBack();
    }
    await screen.page.getByRole('link', { name: 'Overview' }).click();
    await screen.page.getByText('Success rate').waitFor();
    expect(await scrollWidth()).toBe(360);
  });
});
