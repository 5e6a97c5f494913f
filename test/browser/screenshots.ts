import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { grain } from '../../bench/photo.ts';
import { buildWeb } from '../../build/web.ts';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { PROJECT, UPLOADS_BUCKET } from '../../local/topology.ts';
import { PROFILES_FOLDER } from '../../shared/profiles/folder.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { answered, idNumber, resultAt } from '../api/documents.ts';
import { launchBrowser } from './chromium.ts';
import { REFUSAL } from './documents.ts';

/**
 * The pictures of the README, in light and dark: the page and a result, of pictures made and answered here, and the
 * overview, behind which an hour of made-up results is written first, and an answer that is reviewed.
 * `node test/browser/screenshots.ts` renews them, with names (`review`) only those.
 */

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

/** A label on cardboard. */
async function shelfLabel(lines: readonly string[], seed: number): Promise<Buffer> {
  const text = lines.map((line, index) => `<text x="130" y="${245 + index * 180}">${line}</text>`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800" font-family="DejaVu Sans, sans-serif" font-size="88">
<rect width="1200" height="800" fill="#b48a5c"/><rect x="70" y="70" width="1060" height="660" rx="14" fill="#fdfdfb"/>${text}</svg>`;
  return sharp(Buffer.from(svg))
    .composite([{ input: await grain(seed), tile: true, blend: 'soft-light' }])
    .flatten({ background: 'white' })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Sky, sun, hills and a path: a picture in the colors of its hour. */
async function garden(
  [sky, horizon, hill, grass]: readonly string[],
  sunY: number,
  seed: number,
): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200">
<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${sky}"/><stop offset="0.7" stop-color="${horizon}"/></linearGradient></defs>
<rect width="1600" height="1200" fill="url(#sky)"/><circle cx="${400 + seed * 90}" cy="${sunY}" r="110" fill="#fff3c4"/>
<path d="M0 800Q400 560 800 760T1600 700V1200H0z" fill="${hill}"/><path d="M0 960Q500 820 900 940T1600 900V1200H0z" fill="${grass}"/>
<path d="M700 1200Q760 1040 900 940Q860 1060 960 1200z" fill="#d8c39a"/></svg>`;
  return sharp(Buffer.from(svg))
    .composite([{ input: await grain(seed), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: 90 })
    .toBuffer();
}

const HOURS = {
  morning: ['#7db5e6', '#f6e3c5', '#7fa886', '#5f9a4f'],
  terrace: ['#4a90d9', '#cfe6f7', '#6f9f7c', '#4c8a3f'],
  evening: ['#37427a', '#f0915c', '#4c5b6b', '#3a5a40'],
} as const;

async function uploads(): Promise<Upload[]> {
  const label = async (aisle: string, sku: string, quantity: number, seed: number): Promise<Upload> => ({
    name: `inventory/${aisle}/${sku.toLowerCase()}.jpg`,
    uploader: seed % 3 === 0 ? 'leo@example.com' : 'mia@example.com',
    bytes: await shelfLabel([`SHELF: ${aisle.toUpperCase()}`, `SKU: ${sku}`, `QTY: ${quantity}`], seed),
  });
  const scene = async (hour: keyof typeof HOURS, sunY: number, seed: number): Promise<Upload> => ({
    name: `describe/garden/${hour}.jpg`,
    uploader: 'mia@example.com',
    bytes: await garden(HOURS[hour], sunY, seed),
  });
  const whole = await garden(HOURS.terrace, 240, 9);
  return [
    await scene('morning', 520, 3),
    await label('a-12', 'KX-40187', 24, 2),
    {
      name: 'describe/garden/interrupted.jpg',
      uploader: 'leo@example.com',
      bytes: whole.subarray(0, whole.length * 0.6),
    },
    await label('a-12', 'KX-40188', 12, 3),
    await scene('evening', 640, 5),
    {
      name: 'inventory/b-02/list.jpg',
      uploader: 'leo@example.com',
      bytes: Buffer.from('sku;quantity\n40187;24\n'),
    },
    await label('b-02', 'PT-77310', 6, 6),
    await scene('terrace', 240, 7),
    await label('b-02', 'PT-77315', 48, 8),
    await label('c-11', 'MR-10240', 150, 11),
  ];
}

/** Those of the project, but of `inventory` each answer is reviewed and says where it was read. */
async function reviewedProfiles(folder: string): Promise<string> {
  await cp(PROFILES_FOLDER, folder, { recursive: true });
  const file = join(folder, 'inventory.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}\nreviewShare: 1\nevidence: boxes\n`);
  return folder;
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
  await warmUp(cloud, storage);
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

/** The first picture pays for loading the reader; it is deleted again. */
async function warmUp(cloud: LocalCloud, storage: Storage): Promise<void> {
  const bytes = await shelfLabel(['SHELF: Z-99', 'SKU: WU-10000', 'QTY: 1'], 1);
  await storage.bucket(UPLOADS_BUCKET).file('inventory/first.jpg').save(bytes, { resumable: false });
  let [first] = await listEnded(cloud);
  for (; !first; [first] = await listEnded(cloud))
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  await fetch(`${cloud.url('api')}/v1/images/${first.id}`, { method: 'DELETE' });
}

async function listEnded(cloud: LocalCloud): Promise<Listed[]> {
  const answer = await fetch(`${cloud.url('api')}/v1/results?limit=100`);
  const { results } = (await answer.json()) as { results: Listed[] };
  return results.filter(({ status }) => status !== 'queued' && status !== 'processing');
}

const BUSY_MINUTES = 58;

/** Results of the last hour, as a shop with three people and now and then a bad picture leaves them. */
async function writePastHour(cloud: LocalCloud): Promise<void> {
  const firestore = new Firestore({
    projectId: PROJECT,
    host: '127.0.0.1',
    port: cloud.firestore.port,
    ssl: false,
    customHeaders: { Authorization: 'Bearer owner' },
  });
  for (let minute = 1, n = 0; minute <= BUSY_MINUTES; minute += 1) {
    const batch = firestore.batch();
    const images = 6 + Math.round(4 * Math.sin(minute / 7)) + (minute % 3);
    for (let i = 0; i < images; i += 1, n += 1)
      batch.set(firestore.doc(`results/${idNumber(n)}`), pastResult(minute, n));
    await batch.commit();
  }
  await firestore.terminate();
}

function pastResult(minutesAgo: number, n: number): ResultDocument {
  const endedAt = Date.now() - minutesAgo * 60_000 - (n % 10) * 4_000;
  const modelMs = 900 + ((n * 7_919) % 700) + (n % 7 === 0 ? 900 : 0);
  const totalMs = modelMs + 190;
  const end = n % 31 === 0 ? REFUSAL : answered(endedAt);
  const timings = { queueMs: 24, downloadMs: 22, resizeMs: 71, uploadMs: 31, modelMs, storeMs: 42, totalMs };
  return { ...resultAt(endedAt - totalMs), ...end, updatedAt: new Date(endedAt), timings };
}

async function shoot(
  browser: Browser,
  url: string,
  name: string,
  ready: string,
  first: (page: Page) => Promise<void> = async () => undefined,
): Promise<void> {
  const wanted = process.argv.slice(2);
  if (wanted.length > 0 && !wanted.includes(name)) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: VIEWPORT, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText(ready).first().waitFor();
    await first(page);
    await page.waitForTimeout(SETTLE_MS);
    const shot = await page.screenshot();
    const bytes = await sharp(shot).png({ palette: true, quality: 100, compressionLevel: 9 }).toBuffer();
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
  const cloud = await startLocalCloud({
    dataDir,
    webDir,
    model: { kind: 'simulator', reader: 'local' },
    env: { PROFILES_FOLDER: await reviewedProfiles(join(dataDir, 'profiles')) },
    functionEnv: { api: { FIGURES_CACHE_MS: '0' } },
  });
  const browser = await launchBrowser();
  try {
    await mkdir(outDir, { recursive: true });
    const results = await fill(cloud);
    const label = results.find(({ source }) => source.name.includes('kx-40187'));
    const url = cloud.url('api');
    await shoot(browser, url, 'page', 'kx-40187.jpg');
    await shoot(browser, `${url}/results/${label?.id}`, 'result', 'Timings');
    const review = `${url}/review?profile=inventory`;
    await shoot(browser, review, 'review', 'Items 1', (page) => page.getByLabel('SKU').first().focus());
    await writePastHour(cloud);
    await shoot(browser, `${url}/overview`, 'overview', 'Latency by stage');
  } finally {
    await browser.close();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
