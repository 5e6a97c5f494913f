import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { answered } from '../api/documents.ts';
import { accessibilityViolations, whyNoBrowser } from './chromium.ts';
import { usePage } from './opened-page.ts';

const row = (page: Page, name: string) =>
  page
    .getByTestId('field-row')
    .filter({ has: page.getByRole('textbox', { name: `Name of ${name}`, exact: true }) });

const file = (page: Page) => page.getByRole('textbox', { name: 'The file' });

describe.skipIf(whyNoBrowser !== undefined)(`the page of profiles${whyNoBrowser ?? ''}`, () => {
  const opened = usePage();

  it('lists what can be asked, and opens one', async () => {
    const { page, ...screen } = opened();
    await opened().open('/profiles');
    const list = page.getByTestId('profiles');
    await list.getByRole('link', { name: 'inventory' }).waitFor();
    expect(await list.getByRole('row').count()).toBeGreaterThan(3);
    await list.getByRole('link', { name: 'inventory' }).click();
    await page.getByRole('heading', { name: /^inventory/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/profiles/inventory');
    expect(await file(page).inputValue()).toContain('List the goods in the picture');
    expect(await row(page, 'items').count()).toBe(1);
    expect(screen.complaints).toEqual([]);
  });

  it('shows the same in rows and file, both ways, and what a change does to the price', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open('/profiles/moderation');
    await page.getByRole('button', { name: 'Add a field', exact: true }).click();
    expect(await file(page).inputValue()).toMatch(/\n {2}newField: text\n/);
    await page.getByRole('textbox', { name: 'Name of newField' }).fill('mood');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Kind of mood' }).selectOption('choice');
    await page.getByRole('textbox', { name: 'Values of mood' }).fill('calm, angry');
    await page.keyboard.press('Tab');
    expect(await file(page).inputValue()).toContain('mood: { enum: [ calm, angry ] }');

    await file(page).fill((await file(page).inputValue()).replace('mood:', 'temper:'));
    await row(page, 'temper').waitFor();
    const outcome = page.getByTestId('outcome');
    await outcome.getByText('It can be used').waitFor();
    await outcome.getByRole('rowheader', { name: 'fields.temper' }).waitFor();
    await outcome.getByTestId('price').getByText('per 1,000 pictures').waitFor();
  });

  it('says what is wrong beside the field and the file, and saves nothing of it', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open('/profiles/moderation');
    await page.getByRole('button', { name: 'Add a field', exact: true }).click();
    const text = await file(page).inputValue();
    await file(page).fill(text.replace('newField: text', 'newField: { type: number, pattern: a }'));
    await row(page, 'newField').getByText('pattern is for texts only').waitFor();
    const problems = page.getByTestId('file-problems');
    await problems.getByText('pattern is for texts only').waitFor();
    expect(await page.getByRole('button', { name: 'Save as a new version' }).isDisabled()).toBe(true);
    await problems.getByRole('button', { name: /^Line/ }).first().click();
    expect(await page.evaluate<string>('getSelection()?.toString() ?? ""')).toContain('pattern');
    await file(page).fill('prompt: [');
    await page.getByText('The file cannot be read as it stands').waitFor();
  });

  it('saves a new version, compares it with the one before and rolls back to that', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open('/profiles/moderation');
    const prompt = page.getByRole('textbox', { name: 'What is asked of the picture' });
    await prompt.fill('Is anything in the picture unsafe?');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    const history = page.getByTestId('history');
    await history.getByText('Version 2').waitFor();
    await history.getByRole('button', { name: 'Compare version 1 with the active one' }).click();
    await page.getByTestId('comparison').getByText('Is anything in the picture unsafe?').waitFor();
    await history.getByRole('button', { name: 'Roll back to version 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('version 1', { exact: true }).waitFor();
    expect(await prompt.inputValue()).not.toContain('unsafe?');
  });

  it('tries the draft on a picture before it is saved for everybody', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open('/profiles/moderation');
    await page
      .getByRole('textbox', { name: 'What is asked of the picture' })
      .fill('Is it safe for children?');
    await page.keyboard.press('Tab');
    await page.getByTestId('outcome').getByText('It can be used').waitFor();
    await page
      .getByTestId('trial-file')
      .setInputFiles({ name: 'toy.jpg', mimeType: 'image/jpeg', buffer: screen.picture });
    await expect.poll(() => screen.uploaded()).toHaveLength(1);
    const [name = ''] = await screen.uploaded();
    const [{ metadata }] = await screen.api.storage.bucket('uploads').file(name).getMetadata();
    expect(metadata).toMatchObject({ profile: 'moderation', 'profile-version': '2' });
    const { id, generation } = await screen.identify(name);
    await screen.writeOf(id, name, generation, {
      ...answered(Date.now()),
      ...{ profile: 'moderation', profileVersion: 2 },
    });
    const trial = page.getByTestId('trial');
    await trial.getByText('by version 2').waitFor();
    await trial.getByTestId('answer').waitFor();
    await page.getByText('version 1', { exact: true }).waitFor();
    await page.getByTestId('history').getByText('Version 2').waitFor();
  });

  it('makes a new profile from a name on, and deletes it', async () => {
    const screen = opened();
    const { page } = screen;
    await screen.open('/profiles');
    await page.getByRole('button', { name: 'New profile' }).click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('receipt');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^receipt/ }).waitFor();
    await page.getByText('not saved yet').waitFor();
    await page.getByRole('textbox', { name: 'What is asked of the picture' }).fill('Read the receipt.');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await page.getByText('version 1', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All profiles' }).click();
    await page.getByTestId('profiles').getByRole('link', { name: 'receipt' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('deleted', { exact: true }).waitFor();
    // The browser notes that the profile of that name was not there before.
    screen.expectComplaints(/404/);
  });

  it('has nothing that axe-core objects to, in light and dark, and fits a phone', async () => {
    const screen = opened();
    const { page } = screen;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await screen.open('/profiles');
      await page.getByTestId('profiles').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      await screen.open('/profiles/inventory');
      await row(page, 'items').waitFor();
      await file(page).fill((await file(page).inputValue()).replace('max: 40', 'maxx: 40'));
      await page.getByTestId('file-problems').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    for (const path of ['/profiles', '/profiles/inventory']) {
      await screen.open(path);
      await page.getByText('inventory').first().waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
    }
  });
});
