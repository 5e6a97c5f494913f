import { describe, expect, it } from 'vitest';
import type { ResultDocument, ReviewReason } from '../../shared/results/document.ts';
import { answered, idNumber, preparedAs } from '../api/documents.ts';
import { accessibilityViolations, whyNoBrowser } from './chromium.ts';
import { type OpenedPage, usePage } from './opened-page.ts';

/** The nth answer, waiting since n seconds. */
const wait = (screen: OpenedPage, n: number, because: ReviewReason = 'unsure'): Promise<void> =>
  screen.write(n, `${n}.jpg`, {
    ...preparedAs(idNumber(n), 51_200),
    ...answered(Date.now()),
    review: { because, dueAt: new Date(Date.now() - n * 1_000) },
  });

const stored = async (screen: OpenedPage, n: number): Promise<ResultDocument> =>
  (await screen.api.firestore.doc(`results/${idNumber(n)}`).get()).data() as ResultDocument;

describe.skipIf(whyNoBrowser !== undefined)(`the page for reviews${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('is worked through with the keyboard alone: right, skip, edit, undo', async () => {
    const screen = opened();
    const { page } = screen;
    for (const n of [1, 2, 3]) await wait(screen, n);
    await screen.open('/review');
    await page.getByText('3 waiting').waitFor();
    await page.getByRole('link', { name: '3.jpg' }).waitFor();
    await page.keyboard.press('r');
    await page.getByRole('link', { name: '2.jpg' }).waitFor();
    expect(await stored(screen, 3)).toMatchObject({ feedback: { verdict: 'right' } });
    await page.keyboard.press('s');
    await page.getByRole('link', { name: '1.jpg' }).waitFor();

    await page.keyboard.press('e');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('B-12');
    await page.getByRole('button', { name: /^Save the correction/ }).press('Enter');
    await page.getByRole('link', { name: '2.jpg' }).waitFor();
    expect(await stored(screen, 1)).toMatchObject({
      feedback: { verdict: 'corrected', fields: { shelfId: 'B-12' } },
    });

    await page.keyboard.press('u');
    await page.getByRole('link', { name: '1.jpg' }).waitFor();
    await page.getByText(/Judged corrected by somebody/).waitFor();
    await page.keyboard.press('w');
    await page.getByRole('link', { name: '2.jpg' }).waitFor();
    expect(await stored(screen, 1)).toMatchObject({ feedback: { verdict: 'wrong' } });
    await page.keyboard.press('r');
    await page.getByText('No answer waits for a person.').waitFor();
  });

  it('edits numbers, choices and rows of lists by their type', async () => {
    const screen = opened();
    const { page } = screen;
    await wait(screen, 1, 'broken-check');
    await screen.open('/review');
    await page.getByText('it breaks a check').waitFor();
    const items = page.getByRole('group', { name: 'Items', exact: true });
    await items.getByRole('spinbutton', { name: 'Quantity' }).fill('30');
    await items.getByRole('combobox', { name: 'Condition' }).selectOption('damaged');
    await items.getByRole('button', { name: 'Add to Items' }).click();
    await items.getByRole('textbox', { name: /^SKU/ }).nth(1).fill('777');
    // A key that is typed into a field is no shortcut.
    await page.getByRole('textbox', { name: 'Shelf ID' }).fill('r');
    await page.getByRole('button', { name: /^Save the correction/ }).click();
    await page.getByText('No answer waits for a person.').waitFor();
    expect((await stored(screen, 1)).feedback).toMatchObject({
      verdict: 'corrected',
      fields: {
        shelfId: 'r',
        items: [
          { sku: '12345', quantity: 30, condition: 'damaged' },
          { sku: '777', quantity: 0, condition: 'new' },
        ],
      },
    });
  });

  it('shows the picture closely, by mouse and by keys', async () => {
    const screen = opened();
    const { page } = screen;
    await wait(screen, 1);
    await screen.open('/review');
    const zoom = page.getByTestId('zoom');
    await page.getByRole('button', { name: 'Larger' }).click();
    expect(await zoom.textContent()).toContain('140 %');
    const stage = page.getByRole('group', { name: /^1\.jpg/ });
    await stage.focus();
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    expect(await zoom.textContent()).toContain('196 %');
    expect(await stage.locator('img').getAttribute('style')).toContain('translate(60px');
    await page.keyboard.press('0');
    expect(await zoom.textContent()).toContain('100 %');
  });

  it('lets the picture go when the browser takes the finger for itself', async () => {
    const screen = opened();
    const { page } = screen;
    await wait(screen, 1);
    await screen.open('/review');
    await page.getByRole('button', { name: 'Larger' }).click();
    const stage = page.getByRole('group', { name: /^1\.jpg/ });
    const at = async () => (await stage.locator('img').getAttribute('style')) ?? '';
    const { x = 0, y = 0 } = (await stage.boundingBox()) ?? {};
    const touch = await page.context().newCDPSession(page);
    const send = (
      type: 'touchStart' | 'touchMove' | 'touchCancel',
      ...touchPoints: { x: number; y: number }[]
    ) => touch.send('Input.dispatchTouchEvent', { type, touchPoints });
    await send('touchStart', { x: x + 40, y: y + 40 });
    await send('touchMove', { x: x + 60, y: y + 50 });
    await expect.poll(at).toContain('translate(20px, 10px)');
    await send('touchCancel');
    await page.mouse.move(x + 100, y + 100);
    await page.mouse.move(x + 200, y + 150);
    await page.keyboard.press('Shift');
    expect(await at()).toContain('translate(20px, 10px)');
  });

  it('gives back what it held when it is left, and its single keys can be switched off', async () => {
    const screen = opened();
    const { page } = screen;
    await wait(screen, 1);
    await screen.open('/review');
    await page.getByTestId('desk').waitFor();
    expect((await stored(screen, 1)).review).toHaveProperty('heldBy');
    await page.getByRole('checkbox', { name: /^Single keys/ }).uncheck();
    await page.keyboard.press('r');
    await page.getByRole('link', { name: 'Results', exact: true }).click();
    await expect.poll(async () => (await stored(screen, 1)).review).not.toHaveProperty('heldBy');
    expect(await stored(screen, 1)).not.toHaveProperty('feedback');
  });

  it('has nothing that axe-core objects to, in light and dark, and fits a phone', async () => {
    const screen = opened();
    const { page } = screen;
    await wait(screen, 1);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await screen.open('/review');
      await page.getByTestId('desk').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.getByRole('link', { name: 'Results', exact: true }).click();
      await expect.poll(async () => (await stored(screen, 1)).review).not.toHaveProperty('heldBy');
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await screen.open('/review');
    await page.getByTestId('desk').waitFor();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360);
  });
});
