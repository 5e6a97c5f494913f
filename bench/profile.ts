import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { storeSavedProfiles } from '../local/profiles.ts';
import { PROJECT } from '../local/topology.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { ProfileStore } from '../shared/profiles/store/profile-store.ts';
import { LocalRun } from './local-run.ts';
import { atMost, type BenchOptions, figure, median, type Report, report } from './report.ts';

/**
 * How long after a new file was saved its first picture is answered: the functions, the follower of the folder and the
 * local reader as `npm start` runs them. The picture is uploaded when the file is said to be taken up.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-profile-'));
  await writeFile(join(folder, 'describe.yaml'), profileAsking('Describe it.'));
  const local = await LocalRun.start({
    functions: ['api', 'resize-image', 'analyze-image'],
    model: { kind: 'simulator', reader: 'local' },
    env: { PROFILES_CACHE_MS: '0', PROFILES_FOLDER: folder },
  });
  const documents = new Documents({ projectId: PROJECT, emulatorHost: local.cloud.firestore.host });
  let heard = (): void => undefined;
  const followed = await storeSavedProfiles(new ProfileStore(documents), () => heard(), folder);
  try {
    const times: { takenUpMs: number; answeredMs: number }[] = [];
    const rounds = options.short ? 3 : 20;
    for (let round = 0; round < rounds; round += 1) {
      const name = `saved-${round}`;
      const picture = await receipt(round);
      const savedAt = performance.now();
      const said = new Promise<void>((resolve) => (heard = resolve));
      await writeFile(join(folder, `${name}.yaml`), profileAsking(`Read the receipt. (${round})`));
      await said;
      const takenUpMs = performance.now() - savedAt;
      const { data } = await local.one(`${name}/receipt.jpg`, picture);
      if (data['profile'] !== name) throw new Error(`asked by ${String(data['profile'])}`);
      times.push({ takenUpMs, answeredMs: performance.now() - savedAt });
      options.progress(
        `${name}: taken up after ${Math.round(takenUpMs)} ms, answered after ${Math.round(times.at(-1)?.answeredMs ?? 0)} ms`,
      );
    }
    const [first, ...others] = times.map(({ answeredMs }) => answeredMs);
    return report(
      'profile',
      options,
      [
        figure('new file saved to taken up, median', median(times.map((one) => one.takenUpMs)), 'ms'),
        atMost('new file saved to first answer, median', median(others), 2_000, 'ms'),
        figure(
          'new file saved to first answer, the first of a cloud just started',
          first ?? Number.NaN,
          'ms',
        ),
      ],
      [
        'A receipt in print, read by the local reader; storage, database, bus and functions run on the same cores.',
      ],
    );
  } finally {
    followed.close();
    await documents.close();
    await local.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const profileAsking = (prompt: string): string =>
  `prompt: ${prompt}\nfields:\n  shop: { max: 100, nullable: true }\n  total: { type: number, nullable: true }\n`;

function receipt(round: number): Promise<Buffer> {
  const lines = ['CORNER SHOP', `Total: ${round + 1}.50`];
  const text = lines
    .map((line, i) => `<text x="40" y="${90 + i * 90}" font-size="52">${line}</text>`)
    .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="260"><rect width="100%" height="100%" fill="#fff"/><g font-family="DejaVu Sans">${text}</g></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 92 }).toBuffer();
}
