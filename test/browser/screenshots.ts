import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Storage } from '@google-cloud/storage';
import { type Browser, chromium } from 'playwright-core';
import sharp from 'sharp';
import { grain, photo } from '../../bench/photo.ts';
import { buildWeb } from '../../build/web.ts';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { PROJECT, UPLOADS_BUCKET } from '../../local/topology.ts';

/** The pictures of the README: the page, a result and the overview, in light and dark, of pictures made here. */

const outDir = fileURLToPath(new URL('../../docs/images', import.meta.url));
const VIEWPORT = { width: 1280, height: 860 };
/** Larger ones make the README slow to open. */
const MAX_BYTES = 200_000;
const SETTLE_MS = 1_500;
const PATIENCE_MS = 240_000;
const POLL_MS = 500;

interface Upload {
  name: string;
  uploader: string;
  bytes: Buffer;
}

/** A label on cardboard, with its print a little turned as cameras see it. */
async function shelfLabel(lines: readonly string[], seed: number): Promise<Buffer> {
  const text = lines.map((line, index) => `<text x="120" y="${190 + index * 110}">${line}</text>`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800" font-family="DejaVu Sans, sans-serif" font-size="72">
<rect width="1200" height="800" fill="#b48a5c"/><rect x="70" y="70" width="1060" height="660" rx="14" fill="#fdfdfb"/>${text}</svg>`;
  return sharp(Buffer.from(svg))
    .composite([{ input: await grain(seed), tile: true, blend: 'soft-light' }])
    .flatten({ background: 'white' })
    .jpeg({ quality: 90 })
    .toBuffer();
}

async function uploads(): Promise<Upload[]> {
  const label = async (aisle: string, sku: string, quantity: number, seed: number): Promise<Upload> => ({
    name: `inventory/${aisle}/${sku.toLowerCase()}.jpg`,
    uploader: seed % 3 === 0 ? 'leo@example.com' : 'mia@example.com',
    bytes: await shelfLabel([`SHELF: ${aisle.toUpperCase()}`, `SKU: ${sku}`, `QTY: ${quantity}`], seed),
  });
  const scene = async (name: string, seed: number): Promise<Upload> => ({
    name: `describe/garden/${name}`,
    uploader: 'mia@example.com',
    bytes: await photo(1600, 1200, seed),
  });
  const whole = await photo(1200, 900, 9);
  return [
    await scene('morning.jpg', 3),
    await label('a-07', 'KX-40187', 24, 2),
    {
      name: 'describe/garden/interrupted.jpg',
      uploader: 'leo@example.com',
      bytes: whole.subarray(0, whole.length * 0.6),
    },
    await label('a-07', 'KX-40188', 12, 3),
    await scene('evening.jpg', 5),
    {
      name: 'inventory/b-02/list.jpg',
      uploader: 'leo@example.com',
      bytes: Buffer.from('sku;quantity\n40187;24\n'),
    },
    await label('b-02', 'PT-77310', 6, 6),
    await scene('terrace.jpg', 7),
    await label('b-02', 'PT-77315', 48, 8),
    await label('c-11', 'MR-10240', 150, 11),
  ];
}

interface Listed {
  id: string;
  status: string;
  source: { name: string };
}

/** Stores the pictures, each when the one before has ended, so that the times shown are those of one picture. */
async function fill(cloud: LocalCloud): Promise<Listed[]> {
  const storage = new Storage({
    projectId: PROJECT,
    apiEndpoint: cloud.storage.url,
    useAuthWithCustomEndpoint: false,
  });
  const deadline = Date.now() + PATIENCE_MS;
  let ended: Listed[] = [];
  for (const [index, { name, uploader, bytes }] of (await uploads()).entries()) {
    const metadata = { contentType: 'image/jpeg', metadata: { uploader } };
    await storage.bucket(UPLOADS_BUCKET).file(name).save(bytes, { resumable: false, metadata });
    while (ended.length <= index) {
      if (Date.now() > deadline) throw new Error(`${name} did not end in time.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      ended = await listEnded(cloud);
    }
  }
  return ended;
}

async function listEnded(cloud: LocalCloud): Promise<Listed[]> {
  const answer = await fetch(`${cloud.url('api')}/v1/results?limit=100`);
  const { results } = (await answer.json()) as { results: Listed[] };
  return results.filter(({ status }) => status !== 'queued' && status !== 'processing');
}

async function shoot(browser: Browser, url: string, name: string, ready: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: VIEWPORT, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText(ready).first().waitFor();
    await page.waitForTimeout(SETTLE_MS);
    const shot = await page.screenshot();
    const bytes = await sharp(shot).png({ palette: true, quality: 90, compressionLevel: 9 }).toBuffer();
    const path = join(outDir, `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`);
    if (bytes.length > MAX_BYTES)
      throw new Error(`${path} would have ${bytes.length} bytes, more than ${MAX_BYTES}.`);
    await writeFile(path, bytes);
    process.stdout.write(`${path}  ${bytes.length} bytes\n`);
    await context.close();
  }
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'screenshots-'));
  const webDir = join(dataDir, 'web');
  await buildWeb(webDir);
  const cloud = await startLocalCloud({ dataDir, webDir, model: { kind: 'simulator', reader: 'local' } });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    await mkdir(outDir, { recursive: true });
    const results = await fill(cloud);
    const label = results.find(({ source }) => source.name.includes('kx-40187'));
    const url = cloud.url('api');
    await shoot(browser, url, 'page', 'kx-40187.jpg');
    await shoot(browser, `${url}/results/${label?.id}`, 'result', 'Timings');
    await shoot(browser, `${url}/overview`, 'overview', 'Latency by stage');
  } finally {
    await browser.close();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
