import { describe, expect, it } from 'vitest';
import { answered, idNumber, preparedAs } from '../api/documents.ts';
import { whyNoBrowser } from './chromium.ts';
import { REFUSAL } from './documents.ts';
import { usePage } from './opened-page.ts';

describe.skipIf(whyNoBrowser !== undefined)(`the page of one result${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('has an address of its own, with attempts, timings, JSON and what went wrong', async () => {
    const screen = opened();
    await screen.write(1, 'one.jpg', { ...preparedAs(idNumber(1), 51_200), ...answered(Date.now()) });
    await screen.write(2, 'two.jpg', REFUSAL);
    await screen.open(`/results/${idNumber(1)}`);
    const { page } = screen;
    await page.getByRole('heading', { name: 'one.jpg' }).waitFor();
    await page.getByRole('cell', { name: 'gemini-3.5-flash-lite' }).waitFor();
    await page.getByText('960 ms in all').waitFor();

    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('heading', { name: 'two.jpg' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/results/${idNumber(2)}`);
    await page.getByTestId('detail').getByText('CORRUPT_IMAGE', { exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'one.jpg' }).waitFor();
  });

  it('follows its result while it is open', async () => {
    const screen = opened();
    await screen.write(1, 'one.jpg', { status: 'analyzing' });
    await screen.open(`/results/${idNumber(1)}`);
    const detail = screen.page.getByTestId('detail');
    await detail.getByTestId('status').filter({ hasText: 'Analyzing' }).waitFor();
    await screen.write(1, 'one.jpg', answered(Date.now() + 1_000));
    await detail.getByTestId('status').filter({ hasText: 'Completed' }).waitFor();
  });

  it('says of one on its way why the last attempt failed', async () => {
    const screen = opened();
    const lastFailure = {
      code: 'MODEL_OVERLOADED',
      message: 'The model is overloaded.',
      at: new Date(),
    } as const;
    await screen.write(1, 'one.jpg', { status: 'analyzing', lastFailure });
    await screen.open();
    await screen.row('one.jpg').getByText('Retried automatically. The model is overloaded.').waitFor();
    await screen.open(`/results/${idNumber(1)}`);
    const setback = screen.page.getByTestId('setback');
    await setback.getByText('MODEL_OVERLOADED', { exact: true }).waitFor();
    await screen.write(1, 'one.jpg', { ...answered(Date.now() + 1_000), lastFailure, degraded: true });
    await setback.waitFor({ state: 'detached' });
    await screen.page.getByTestId('detail').getByText('degraded', { exact: true }).waitFor();
  });

  it('sends a picture on its way again after asking', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.api.storage.bucket('uploads').file('one.jpg').save(screen.picture);
    const { id, generation } = await screen.identify('one.jpg');
    await screen.writeOf(id, 'one.jpg', generation, answered(Date.now()));
    await screen.open(`/results/${id}`);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('which is billed again').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page
      .getByTestId('detail')
      .getByTestId('status')
      .filter({ hasText: /Queued|Preparing/ })
      .waitFor();
  });

  it('deletes the picture and everything made from it after asking', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open();
    await screen.choose([{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: screen.picture }]);
    await page.getByTestId('upload').filter({ hasText: 'Queued' }).waitFor();
    const [name = ''] = await screen.uploaded();
    const { id, generation } = await screen.identify(name);
    await screen.write(1, 'other.jpg', answered(Date.now()));
    await screen.writeOf(id, name, generation, answered(Date.now()));
    await screen.openResult('a.jpg');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'a.jpg was deleted' }).waitFor();
    await page.getByText('The upload, the prepared picture and the result were removed for good.').waitFor();
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.textContent'))
      .toBe('a.jpg was deleted');
    expect(await screen.uploaded()).toEqual([]);
    await page.getByRole('link', { name: 'Go to the results' }).click();
    await screen.row('other.jpg').waitFor();
    expect(await page.getByTestId('result').count()).toBe(1);
  });

  it('takes the word of a person on the answer: right, wrong, or corrected', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.write(1, 'one.jpg', answered(Date.now() - 5_000));
    await screen.open(`/results/${idNumber(1)}`);
    const feedback = page.getByTestId('feedback');
    await feedback.getByRole('button', { name: 'Right' }).click();
    await feedback.getByTestId('verdict').filter({ hasText: 'Judged right' }).waitFor();
    await feedback.getByRole('button', { name: 'Correct', exact: true }).click();
    await feedback.getByRole('textbox', { name: 'Items' }).fill('[{');
    await feedback.getByText('This is no JSON yet.').waitFor();
    await feedback
      .getByRole('textbox', { name: 'Items' })
      .fill('[{ "sku": "12345", "quantity": 25, "condition": "new" }]');
    await feedback.getByRole('button', { name: 'Save the correction' }).click();
    await feedback.getByTestId('verdict').filter({ hasText: 'Corrected' }).waitFor();
    const stored = (await screen.api.firestore.doc(`results/${idNumber(1)}`).get()).data();
    expect(stored?.['feedback']).toMatchObject({
      verdict: 'corrected',
      fields: { items: [{ sku: '12345', quantity: 25, condition: 'new' }] },
    });
  });

  it('says so when an address names no result, or nothing at all', async () => {
    const screen = opened();
    await screen.open(`/results/${idNumber(7)}`);
    await screen.page.getByRole('heading', { name: 'There is no such result' }).waitFor();
    await screen.open('/blah');
    await screen.page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
    await screen.page.getByRole('link', { name: 'Go to the results' }).click();
    await screen.page.getByRole('heading', { name: 'No pictures yet' }).waitFor();
    screen.expectComplaints(/404/);
  });
});
