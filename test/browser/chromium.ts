import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's package and what GitHub's Ubuntu brings; Chrome on Linux and on macOS. CHROMIUM names another one. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const browserPath = process.env['CHROMIUM'] || PLACES.find((place) => existsSync(place));

/** Undefined where a browser is installed, else the reason to put behind the name of a skipped suite. */
export const whyNoBrowser = browserPath
  ? undefined
  : ' (skipped: no Chromium is installed; CHROMIUM names one elsewhere)';

/** Chromium without a window, and without anything that would call its maker. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(browserPath ? { executablePath: browserPath } : {}),
    args: [
      '--no-sandbox',
      '--headless=new',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  });

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Violations of WCAG 2.2 AA and best practice on the page as it is now, each with the elements. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  // The page's own policy forbids foreign scripts; a script evaluated by the browser's driver is none.
  await page.evaluate(await readFile(axePath, 'utf8'));
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await axe.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    );
  });
}

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }>;
}
