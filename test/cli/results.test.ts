import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, picture } from '../support/pipeline.ts';
import { agesSince } from './ages.ts';
import { type CliCloud, hasTerminal, jsonLines, startCliCloud } from './command-line.ts';

let cloud: CliCloud;
const began = Date.now();

/** A caption that a spreadsheet would run and a terminal would obey. */
const HOSTILE = '=HYPERLINK("http://x")\u001b[2J, and more';

const STOCK = {
  shelfId: 'A-3',
  items: [
    { sku: '12345', quantity: 24, condition: 'new' },
    { sku: '-777', quantity: 3, condition: 'damaged' },
  ],
  confidence: 0.92,
};

const give = (json: Record<string, unknown>): void =>
  cloud.model.behave({ script: [{ json: json as Record<string, string>, times: 1_000 }] });

beforeAll(async () => {
  cloud = await startCliCloud();
  give(STOCK);
  await cloud.upload('inventory/aisle-3/shelf.jpg', await picture(1), { uploader: 'ana' });
  await cloud.settled('inventory/aisle-3/shelf.jpg');
  give({ caption: HOSTILE, tags: [], visibleText: 'two\nlines', confidence: 0.8 });
  await cloud.upload('odd.jpg', await picture(2));
  await cloud.settled('odd.jpg');
  await cloud.upload('broken.jpg', Buffer.from('%PDF-1.7 no picture'));
  await cloud.settled('broken.jpg');
});

afterAll(() => cloud.close());

describe('pipeline results', () => {
  it('lists what there is, newest first', async () => {
    const { code, stdout } = await cloud.run(['results']);
    const lines = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^STATUS +NAME +PROFILE +WHEN +TIME +RESULT$/);
    expect(lines[1]).toMatch(
      new RegExp(`^✗ refused +broken\\.jpg +describe +${agesSince(began)} +[\\d.]+ m?s +.*PDF`),
    );
    expect(lines[2]).toMatch(/^✓ completed +odd\.jpg/);
    expect(lines[3]).toMatch(
      /^✓ completed +inventory\/aisle-3\/shelf\.jpg.+shelf id A-3 · 2 items \(12345, -777\)$/,
    );
    expect(lines).toHaveLength(4);
  });

  it('writes no color and no control character into a pipe', async () => {
    const { stdout } = await cloud.run(['results']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it.each([
    [['--status', 'refused'], ['broken.jpg']],
    [['--profile', 'inventory'], ['inventory/aisle-3/shelf.jpg']],
    [['--profile', 'describe', '--status', 'completed'], ['odd.jpg']],
    [['--uploader', 'ana'], ['inventory/aisle-3/shelf.jpg']],
    [['--since', '1h', '--limit', '1'], ['broken.jpg']],
    [['--since', '2099-01-01'], []],
  ])('filters by %j', async (options, names) => {
    const { stdout } = await cloud.run(['results', '--json', ...options]);
    const found = JSON.parse(stdout) as { source: { name: string } }[];
    expect(found.map(({ source }) => source.name)).toEqual(names);
  });

  it('gives programs the same form as the HTTP API', async () => {
    const { stdout } = await cloud.run(['results', '--json', '--profile', 'inventory']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        id: idOf('inventory/aisle-3/shelf.jpg'),
        status: 'completed',
        answer: STOCK,
        source: { url: 'gs://uploads/inventory/aisle-3/shelf.jpg', uploader: 'ana' },
      },
    ]);
  });

  it('disarms formulas in CSV', async () => {
    const { stdout } = await cloud.run(['results', '--csv', '--status', 'completed']);
    const [head] = stdout.split('\r\n');
    expect(head).toBe('id,status,profile,url,uploader,createdAt,totalMs,code,message,answer');
  });

  it('names the statuses there are', async () => {
    const { code, stderr } = await cloud.run(['results', '--status', 'lost']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      '✗ There is no status "lost".\n  There are: queued, processing, completed, failed, refused, parked.\n',
    );
  });

  it('names the profiles there are when nothing is of the one that was asked for', async () => {
    expect(await cloud.run(['results', '--profile', 'shelves', '--json'])).toEqual({
      code: 0,
      stdout: '[]\n',
      stderr: expect.stringMatching(/^! There is no profile "shelves"\.\n {2}There are: .*inventory.*\.\n$/),
    });
  });

  it('shows results of a profile that was removed without a word', async () => {
    const document = cloud.firestore.doc(`results/${'e'.repeat(32)}`);
    const like = await cloud.result('odd.jpg');
    await document.set({ ...like, profile: 'shelves' });
    const { stdout, stderr } = await cloud.run(['results', '--profile', 'shelves']);
    await document.delete();
    expect(stdout).toMatch(/✓ completed +odd\.jpg +shelves/);
    expect(stderr).toBe('');
  });

  it('writes JSON or CSV, not both', async () => {
    const { code, stderr } = await cloud.run(['results', '--json', '--csv']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      '✗ Results are written as JSON or as CSV, not as both.\n  Leave out --json or --csv.\n',
    );
  });

  it.runIf(hasTerminal)('fits a terminal and uses colors there, unless NO_COLOR is set', async () => {
    const plain = await cloud.runOnTerminal(['results'], { env: { NO_COLOR: '1' } });
    for (const line of plain.stdout.trimEnd().split('\r\n'))
      expect([...line].length).toBeLessThanOrEqual(100);
    expect(plain.stdout).not.toContain('\u001b[3');
    const colored = await cloud.runOnTerminal(['results']);
    expect(colored.stdout).toContain('\u001b[32m✓ completed');
  });
});

describe('pipeline show', () => {
  it.each([
    ['inventory/aisle-3/shelf.jpg'],
    ['gs://uploads/inventory/aisle-3/shelf.jpg'],
    [idOf('inventory/aisle-3/shelf.jpg')],
  ])('finds a result by %s', async (reference) => {
    const { code, stdout } = await cloud.run(['show', reference]);
    expect(code).toBe(0);
    expect(stdout).toContain('✓ completed  inventory/aisle-3/shelf.jpg');
    expect(stdout).toMatch(
      new RegExp(`uploaded +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\(${agesSince(began)}\\) by ana`),
    );
    expect(stdout).toMatch(/original +JPEG, 320 × 240, [\d.]+ (B|KB)/);
    expect(stdout).toMatch(/SKU +QUANTITY +CONDITION\n +12345 +24 +new\n +-777 +3 +damaged/);
    expect(stdout).toMatch(/# +MODEL +STEP +OUTCOME/);
    expect(stdout).toContain('from upload to result');
  });

  it('says why a picture was refused and what to do', async () => {
    const { stdout } = await cloud.run(['show', 'broken.jpg']);
    expect(stdout).toMatch(/Failure {2}(UNSUPPORTED_FORMAT|NOT_AN_IMAGE)/);
    expect(stdout).toContain('Upload a JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or SVG picture.');
  });

  it('shows text that was read in a picture, but never lets the terminal obey it', async () => {
    const { stdout } = await cloud.run(['show', 'odd.jpg']);
    expect(stdout).toContain('=HYPERLINK("http://x")�[2J, and more');
    expect(stdout).toMatch(/visible text +two\n +lines/);
  });

  it('says where it looked when there is no such result', async () => {
    const { code, stderr } = await cloud.run(['show', 'never-sent.jpg']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^✗ There is no result for never-sent\.jpg\.\n {2}Check the name with pipeline results\./,
    );
  });
});

describe('pipeline export', () => {
  it('writes each answer on a line of JSON', async () => {
    const { stdout } = await cloud.run(['export']);
    expect(jsonLines(stdout)).toMatchObject([
      { profile: 'describe', answer: { caption: HOSTILE } },
      { profile: 'inventory', uploader: 'ana', answer: STOCK },
    ]);
  });

  it('gives each field of a profile a column in CSV', async () => {
    const { stdout } = await cloud.run(['export', '--profile', 'describe', '--format', 'csv']);
    expect(stdout).toMatch(/^id,url,.+,partial,.+,corrections,caption,tags,visibleText,confidence\r\n/);
    expect(stdout).toContain(`"'=HYPERLINK(""http://x"")`);
    expect(stdout).toContain('"two\nlines",0.8\r\n');
  });

  it('gives each entry of a list a row with --rows', async () => {
    const file = join(cloud.photos, 'stock.csv');
    await writeFile(file, 'an older export');
    const { code, stdout } = await cloud.run([
      'export',
      '-p',
      'inventory',
      '-f',
      'csv',
      '--rows',
      'items',
      '-o',
      file,
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const rows = (await readFile(file, 'utf8')).trimEnd().split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/,shelfId,confidence,items\.sku,items\.quantity,items\.condition$/);
    expect(rows[1]).toMatch(/,A-3,0\.92,"12345",24,new$/);
    expect(rows[2]).toMatch(/,A-3,0\.92,"-777",3,damaged$/);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const command = `"${process.execPath}" bin/pipeline.mjs export --data "${cloud.dataDir}" | head -c 1`;
    expect(await promisify(execFile)('sh', ['-c', command])).toEqual({ stdout: '{', stderr: '' });
  });
});

describe('pipeline show, of the same picture under another name,', () => {
  it('says that no model was asked again', async () => {
    await cloud.upload('again.jpg', await picture(2));
    await cloud.settled('again.jpg');
    const { stdout } = await cloud.run(['show', 'again.jpg']);
    expect(stdout).toMatch(/^No model call {2}an earlier answer was taken over\n/m);
    const first = await cloud.run(['show', 'odd.jpg']);
    expect(first.stdout).toMatch(/^Model calls\n/m);
  });
});

describe('pipeline show, of a picture of another lane than the standard one,', () => {
  it('says which was asked for and which served, of each call too', async () => {
    await cloud.upload('slowly.jpg', await picture(45), { lane: 'flex', patience: '20m' });
    await cloud.settled('slowly.jpg');
    const { stdout } = await cloud.run(['show', 'slowly.jpg']);
    expect(stdout).toMatch(/^ {2}lane +flex, within 20 min 0 s, served by flex$/m);
    expect(stdout).toMatch(/OUTCOME +LANE/);
  });
});

// The last one: the model stays broken.
describe('pipeline show, while no model answers,', () => {
  it('says of a picture that waits why its last attempt failed', async () => {
    cloud.model.behave({ script: [], errorRates: { server503: 1 } });
    await cloud.upload('waits.jpg', await picture(40));
    await cloud.settled('waits.jpg', (document) => 'lastFailure' in document);
    const { stdout } = await cloud.run(['show', 'waits.jpg']);
    expect(stdout).toMatch(
      new RegExp(
        `Last try {2}MODEL_\\w+, ${agesSince(began)}\\n {2}\\S.+\\n {2}It is retried automatically\\.`,
      ),
    );
  });
});
