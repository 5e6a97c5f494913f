import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { buildWeb } from '../../build/web.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { resultId } from '../../shared/results/id.ts';
import { idNumber, preparedAs, resultAt } from '../api/documents.ts';
import { type RunningApi, startApi } from '../api/running-api.ts';
import { launchBrowser } from './chromium.ts';

export interface DroppedFile {
  name: string;
  type: string;
  bytes: number[];
}

/** A fresh server and a fresh browser page per test; the page is built once per file. */
export class OpenedPage {
  readonly api: RunningApi;
  readonly page: Page;
  /** A small JPEG. */
  readonly picture: Buffer;
  /** What the browser complained about; the test fails if anything is left here. */
  readonly complaints: string[] = [];
  /** Results are a second apart, counted from here: a slow machine does not change their order. */
  readonly #openedAt = Date.now();

  constructor(api: RunningApi, page: Page, picture: Buffer) {
    this.api = api;
    this.page = page;
    this.picture = picture;
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(this.api.url + path);
    await this.page.getByText('Live').waitFor();
  }

  row(name: string): Locator {
    return this.page.getByTestId('result').filter({ has: this.page.getByRole('link', { name }) });
  }

  /** Opens the page of a result that is in the list. */
  async openResult(name: string | RegExp): Promise<Locator> {
    await this.page.getByTestId('result').getByRole('link', { name }).click();
    const detail = this.page.getByTestId('detail');
    await detail.waitFor();
    return detail;
  }

  waitForStatus(name: string, status: string): Promise<void> {
    return this.row(name).getByTestId('status').filter({ hasText: status }).waitFor();
  }

  /** Names in the uploads bucket. */
  async uploaded(): Promise<string[]> {
    const [files] = await this.api.storage.bucket('uploads').getFiles();
    return files.map((file) => file.name).sort();
  }

  /** The nth result, of n seconds ago, of the named file; its picture is stored when it has one. */
  async write(n: number, name: string, changes: Partial<ResultDocument>): Promise<void> {
    const id = idNumber(n);
    const document = resultAt(this.#openedAt - n * 1_000, changes);
    if (changes.prepared) await this.storePicture(id);
    await this.api.write(id, {
      ...document,
      source: { ...document.source, name: `inventory/2026-11-20/${name}` },
    });
  }

  /** Id and generation of an upload. */
  async identify(name: string): Promise<{ id: string; generation: string }> {
    const [{ generation }] = await this.api.storage.bucket('uploads').file(name).getMetadata();
    return { id: resultId({ bucket: 'uploads', name }), generation: String(generation) };
  }

  /** The result of an upload that is really there. */
  async writeOf(
    id: string,
    name: string,
    generation: string,
    changes: Partial<ResultDocument>,
  ): Promise<void> {
    const document = resultAt(Date.now(), changes);
    await this.api.write(id, { ...document, source: { ...document.source, name, generation } });
  }

  async storePicture(id: string): Promise<void> {
    const { prepared } = preparedAs(id, 0);
    await this.api.storage
      .bucket('prepared')
      .file(prepared?.name ?? '')
      .save(this.picture, { resumable: false });
  }

  choose(files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    return this.page.getByTestId('files').setInputFiles(files);
  }

  async drop(files: DroppedFile[]): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      for (const { name, type, bytes } of ${JSON.stringify(files)})
        data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return data;
    })()`);
    const target = this.page.getByTestId('drop');
    await target.dispatchEvent('dragover', { dataTransfer });
    await this.page.getByText('Let go to upload').waitFor();
    await target.dispatchEvent('drop', { dataTransfer });
  }

  /** Takes complaints that a test provoked off the list. */
  expectComplaints(about: RegExp): void {
    const others = this.complaints.filter((text) => !about.test(text));
    this.complaints.splice(0, this.complaints.length, ...others);
  }
}

/** Prepares a page for each test of the suite it is called in; the returned function gives it. */
export function usePage(): () => OpenedPage {
  let browser: Browser;
  let context: BrowserContext;
  let webDir: string;
  let picture: Buffer;
  let opened: OpenedPage;

  beforeAll(async () => {
    webDir = await mkdtemp(join(tmpdir(), 'web-'));
    [, browser, picture] = await Promise.all([
      buildWeb(webDir),
      launchBrowser(),
      sharp({ create: { width: 320, height: 240, channels: 3, background: '#3b7a57' } })
        .jpeg()
        .toBuffer(),
    ]);
  });

  beforeEach(async () => {
    const api = await startApi({ ANSWERED_BY: 'local-reader', MAX_BYTES: '2000000' }, webDir);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    opened = new OpenedPage(api, await context.newPage(), picture);
  });

  afterEach(async () => {
    await context.close();
    await opened.api.close();
    expect(opened.complaints).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await rm(webDir, { recursive: true, force: true });
  });

  return () => opened;
}
