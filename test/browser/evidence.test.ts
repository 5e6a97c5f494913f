import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../shared/results/document.ts';
import { answered, idNumber, preparedAs } from '../api/documents.ts';
import { accessibilityViolations, whyNoBrowser } from './chromium.ts';
import { type OpenedPage, usePage } from './opened-page.ts';

const SHELF = { field: 'shelfId', box: { top: 100, left: 200, bottom: 300, right: 600 } };
const SKU = { field: 'items[0].sku', box: { top: 500, left: 50, bottom: 700, right: 450 } };
/** Of a whole entry: its values without boxes of their own are in it. */
const ENTRY = { field: 'items[0]', box: { top: 480, left: 30, bottom: 900, right: 950 } };

async function write(screen: OpenedPage, evidence: Evidence[] | undefined): Promise<void> {
  const { model, ...rest } = answered(Date.now());
  if (!model) throw new Error('An answered result has a model.');
  await screen.write(1, 'shelf.jpg', {
    ...preparedAs(idNumber(1), 51_200),
    ...rest,
    model: { ...model, ...(evidence ? { evidence } : {}) },
    review: { because: 'unsure', dueAt: new Date(Date.now() - 1_000) },
  });
}

/** Where the drawn box is in the picture, in thousandths. */
async function drawn(page: Page, picture: Locator): Promise<Evidence['box']> {
  const [box, whole] = [await page.getByTestId('box').boundingBox(), await picture.boundingBox()];
  if (!box || !whole) throw new Error('There is no box in the picture.');
  const share = (from: number, size: number) => Math.round((from / size) * 1000);
  return {
    top: share(box.y - whole.y, whole.height),
    left: share(box.x - whole.x, whole.width),
    bottom: share(box.y + box.height - whole.y, whole.height),
    right: share(box.x + box.width - whole.x, whole.width),
  };
}

const near = (box: Evidence['box']) => ({
  top: expect.closeTo(box.top, -1),
  left: expect.closeTo(box.left, -1),
  bottom: expect.closeTo(box.bottom, -1),
  right: expect.closeTo(box.right, -1),
});

describe.skipIf(whyNoBrowser !== undefined)(`where a value was read${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('is drawn on the page of a result, over a value by the pointer and by the focus, and only so long', async () => {
    const screen = opened();
    const { page } = screen;
    await write(screen, [SHELF, SKU, ENTRY]);
    await screen.open();
    const detail = await screen.openResult('shelf.jpg');
    const picture = detail.getByRole('img', { name: /as it was prepared/ });
    const shelf = detail.getByRole('button', { name: 'A-07' });
    expect(await page.getByTestId('box').count()).toBe(0);
    await shelf.hover();
    expect(await drawn(page, picture)).toEqual(near(SHELF.box));
    await page.mouse.move(0, 0);
    expect(await page.getByTestId('box').count()).toBe(0);

    await detail.getByRole('button', { name: '12345' }).focus();
    expect(await drawn(page, picture)).toEqual(near(SKU.box));
    await page.keyboard.press('Tab');
    expect(await drawn(page, picture)).toEqual(near(ENTRY.box));
    expect(await accessibilityViolations(page)).toEqual([]);
    const id = await shelf.getAttribute('aria-describedby');
    const described = await page.locator(`[id="${id}"]`).textContent();
    expect(described).toBe('Read in the picture, top center');
  });

  it('is drawn in the picture that is reviewed, wherever that was zoomed and moved to', async () => {
    const screen = opened();
    const { page } = screen;
    await write(screen, [SHELF, SKU]);
    await screen.open('/review');
    const picture = page.getByRole('img', { name: 'shelf.jpg' });
    const shelf = page.getByRole('textbox', { name: 'Shelf ID' });
    await shelf.focus();
    expect(await drawn(page, picture)).toEqual(near(SHELF.box));
    for (let i = 0; i < 4; i += 1) await page.getByRole('button', { name: 'Larger' }).click();
    expect(await page.getByTestId('box').count()).toBe(0);
    await page.getByRole('textbox', { name: /^SKU/ }).focus();
    await page.getByTestId('box').waitFor();
    expect(await drawn(page, picture)).toEqual(near(SKU.box));
    // What was out of sight has come into it.
    const stage = page.getByRole('group', { name: /^shelf\.jpg/ });
    const [box, pane] = [await page.getByTestId('box').boundingBox(), await stage.boundingBox()];
    const middle = (box?.x ?? 0) + (box?.width ?? 0) / 2;
    expect(middle).toBeGreaterThan(pane?.x ?? Infinity);
    expect(middle).toBeLessThan((pane?.x ?? 0) + (pane?.width ?? 0));
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('goes with its entry when a reviewer removes the one before it', async () => {
    const screen = opened();
    const { page } = screen;
    const second = { field: 'items[1].sku', box: { top: 800, left: 100, bottom: 900, right: 300 } };
    await write(screen, [SKU, second]);
    await screen.api.firestore.doc(`results/${idNumber(1)}`).update({
      'answer.items': [
        { sku: '12345', quantity: 24, condition: 'new' },
        { sku: '777', quantity: 1, condition: 'new' },
      ],
    });
    await screen.open('/review');
    await page.getByRole('button', { name: 'Remove Items 1' }).click();
    await page.getByRole('textbox', { name: /^SKU/ }).focus();
    expect(await drawn(page, page.getByRole('img', { name: 'shelf.jpg' }))).toEqual(near(second.box));
  });

  it('is nothing to see where nobody asked for it: values are no buttons', async () => {
    const screen = opened();
    await write(screen, undefined);
    await screen.open();
    const detail = await screen.openResult('shelf.jpg');
    await detail.getByText('A-07').first().hover();
    expect(await detail.getByRole('button', { name: 'A-07' }).count()).toBe(0);
    expect(await screen.page.getByTestId('box').count()).toBe(0);
  });
});
