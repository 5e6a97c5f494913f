import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Timestamp } from '@google-cloud/firestore';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEndpoints } from '../../local/endpoints.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { answered, idNumber, preparedAs, resultAt } from '../api/documents.ts';
import { type RunningApi, startApi } from '../api/running-api.ts';
import { jsonLines, NO_PAGE, runCommand } from './command-line.ts';

/** A Python with pandas, polars and duckdb, where it is not the one on the path. */
const PYTHON = process.env['CLIENTS_PYTHON'] ?? 'python3';
const T0 = Date.parse('2026-11-20T10:00:00.000Z');

function hasTables(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import pandas, pyarrow, polars, duckdb'], {
      stdio: 'ignore',
      timeout: 30_000,
    });
    return true;
  } catch {
    return false;
  }
}

let api: RunningApi;
let folder: string;

const shelf = (n: number, items: object[], more: Partial<ResultDocument> = {}): Promise<void> => {
  const answer = { shelfId: `A-0${n}`, items, confidence: 0.9 };
  const cost = { estimatedUsd: 0.002, usd: 0.0015, savedByCacheUsd: 0 };
  const document = { ...preparedAs(idNumber(n), 9), ...answered(T0), answer, cost, ...more };
  return api.write(idNumber(n), resultAt(T0, document));
};

const READ = { field: 'shelfId', box: { top: 100, left: 200, bottom: 300, right: 600 } };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  api = await startApi();
  const { cloud } = api;
  await writeEndpoints(folder, {
    page: NO_PAGE,
    storage: cloud.storage.url,
    firestore: cloud.firestore.host,
    pubsub: cloud.pubsub.url,
    clientEnv: { ...cloud.clientEnv },
  });
  const zeros = { sku: '00123', quantity: 24, condition: 'new' };
  const minus = { sku: '-5', quantity: 1, condition: 'new' };
  const answer = { shelfId: 'A-01', items: [zeros, minus], confidence: 0.9 };
  const said = { by: 'ann@example.com', at: new Date(T0 + 60_000), note: 'label is torn', answer };
  const feedback = { ...said, verdict: 'corrected' as const, fields: { shelfId: 'B-02' } };
  await shelf(1, answer.items, { feedback });
  await shelf(2, [], { feedback });
  const { model } = answered(T0);
  const decided = model ? { model: { ...model, probabilities: { shelfId: 0.98 }, evidence: [READ] } } : {};
  await shelf(3, [{ sku: '=1+1', quantity: 2, condition: 'new' }], decided);
});

afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const exported = async (...args: string[]) => {
  const ended = await runCommand(['export', '-p', 'inventory', ...args], {
    cwd: folder,
    env: { PIPELINE_DATA: folder },
  });
  expect(ended).toMatchObject({ code: 0 });
  return ended;
};

describe('pipeline export', () => {
  it('tells when, for how much, how sure, and what a person said of this very answer', async () => {
    const lines = jsonLines((await exported()).stdout).toSorted((a, b) =>
      String(a['id']) < String(b['id']) ? -1 : 1,
    );
    expect(lines[0]).toMatchObject({
      createdAt: '2026-11-20T10:00:00.000Z',
      costUsd: 0.0015,
      model: 'local-reader-1',
      modelConfidence: 0.93,
      modelProbabilities: null,
      modelEvidence: null,
      review: 'corrected',
      reviewedBy: 'ann@example.com',
      reviewNote: 'label is torn',
      corrections: { shelfId: 'B-02' },
    });
    // Judged before a replay brought another answer.
    expect(lines[1]).toMatchObject({ review: null, corrections: null });
    expect(lines[2]).toMatchObject({
      ...{ review: null, corrections: null },
      modelProbabilities: { shelfId: 0.98 },
      modelEvidence: [READ],
    });
  });

  it('has the same as columns of CSV', async () => {
    const [head = '', ...rows] = (await exported('-f', 'csv')).stdout.split('\r\n');
    expect(head).toBe(
      'id,url,profile,profileVersion,uploader,uploadedAt,createdAt,model,modelConfidence,modelProbabilities,modelEvidence,costUsd,partial,' +
        'review,reviewedBy,reviewedAt,reviewNote,corrections,shelfId,items,confidence',
    );
    expect(rows.find((row) => row.startsWith(`"${idNumber(1)}",`))).toContain(
      ',0.93,,,0.0015,false,corrected,ann@example.com,2026-11-20T10:01:00.000Z,label is torn,"{""shelfId"":""B-02""}",A-01,',
    );
  });

  it('is not the only one to know of them: pipeline show counts them', async () => {
    const { stdout } = await runCommand(['show', idNumber(3)], {
      cwd: folder,
      env: { PIPELINE_DATA: folder },
    });
    expect(stdout).toMatch(/Answer .*decided: .*1 place in the picture/);
  });

  it('has the places of values as JSON in a column of CSV', async () => {
    const rows = (await exported('-f', 'csv')).stdout.split('\r\n');
    expect(rows.find((row) => row.startsWith(`"${idNumber(3)}",`))).toContain(
      `,"${JSON.stringify([READ]).replaceAll('"', '""')}",`,
    );
  });

  it('with --rows says which pictures had none, and has no empty row for them', async () => {
    const { stdout, stderr } = await exported('-f', 'csv', '--rows', 'items');
    const rows = stdout.trimEnd().split('\r\n').slice(1);
    expect(rows.map((row) => row.slice(1, 33)).toSorted()).toEqual([1, 1, 3].map(idNumber));
    expect(stderr).toBe(
      '1 picture without items, and so without a row:\n  gs://uploads/inventory/2026-11-20/shelf-0a1b2c3d4e5f.jpg\n',
    );
    expect(stdout).toMatch(/,"00123",24,new\r\n/);
    expect(stdout).toMatch(/,"-5",1,new\r\n/);
  });

  it('guards spreadsheets against formulas unless it is told not to', async () => {
    const csv = ['-f', 'csv', '--rows', 'items'];
    expect((await exported(...csv)).stdout).toContain(",'=1+1,2,new");
    expect((await exported(...csv, '--no-formula-guard')).stdout).toContain(',=1+1,2,new');
  });

  it('writes Parquet with types: texts keep their zeros, times are times, nothing is null', async () => {
    await exported('-f', 'parquet', '--rows', 'items', '-o', 'stock.parquet');
    const bytes = await readFile(join(folder, 'stock.parquet'));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.filter(({ id }) => id === idNumber(1))).toEqual([
      expect.objectContaining({
        createdAt: new Date(T0),
        costUsd: 0.0015,
        partial: false,
        profileVersion: 1n,
        corrections: '{"shelfId":"B-02"}',
        'items.sku': '00123',
        'items.quantity': 24n,
      }),
      expect.objectContaining({ 'items.sku': '-5', 'items.quantity': 1n }),
    ]);
    expect(rows.find(({ id }) => id === idNumber(3))).toMatchObject({ review: null, reviewedAt: null });
    const refused = await runCommand(['export', '-f', 'parquet'], {
      cwd: folder,
      env: { PIPELINE_DATA: folder },
    });
    expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining('--out')]);
    expect(refused.code).not.toBe(0);
  });

  it.skipIf(!hasTables())('is read alike by pandas, polars and duckdb', async () => {
    await exported('-f', 'parquet', '--rows', 'items', '-o', 'stock.parquet');
    await exported('-f', 'csv', '--rows', 'items', '--no-formula-guard', '-o', 'stock.csv');
    const program = `
import duckdb, pandas, polars
by = ['id', 'items.sku']
tables = [
    pandas.read_parquet('stock.parquet').sort_values(by)['items.sku'].tolist(),
    polars.read_parquet('stock.parquet').sort(by)['items.sku'].to_list(),
    [sku for sku, in duckdb.sql('select "items.sku" from \\'stock.parquet\\' order by id, "items.sku"').fetchall()],
    pandas.read_csv('stock.csv', dtype={'items.sku': str}).sort_values(by)['items.sku'].tolist(),
    polars.read_csv('stock.csv', schema_overrides={'items.sku': polars.String}).sort(by)['items.sku'].to_list(),
    [sku for sku, in duckdb.sql('select "items.sku" from read_csv(\\'stock.csv\\', types={\\'items.sku\\': \\'VARCHAR\\'}) order by id, "items.sku"').fetchall()],
]
for table in tables: print(*table)
frame = pandas.read_parquet('stock.parquet')
print(frame['createdAt'].dt.year.iloc[0], frame['items.quantity'].sum(), round(frame['costUsd'].mean(), 4))
`;
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', program], { cwd: folder });
    expect(stdout.trimEnd().split('\n')).toEqual([
      ...Array<string>(6).fill('-5 00123 =1+1'),
      '2026 27 0.0015',
    ]);
  });

  it('has every answer once, also when many were written to the microsecond', async () => {
    const writer = api.firestore.bulkWriter();
    for (let n = 0; n < 1_200; n++) {
      // 120 within each millisecond, so that pages of 500 end amid one.
      const createdAt = new Timestamp(
        Math.floor(T0 / 1000) + Math.floor(n / 120),
        7_000_000 + (n % 120) * 1_000,
      );
      const { claim, ...rest } = resultAt(T0, {
        profile: 'describe',
        ...answered(T0),
        answer: { caption: 'a' },
      });
      const document = JSON.parse(JSON.stringify(rest)) as Record<string, unknown>;
      const times = { createdAt, updatedAt: createdAt, source: { ...rest.source }, claim, attempts: [] };
      void writer.create(api.firestore.doc(`results/${idNumber(10_000 + n)}`), { ...document, ...times });
    }
    await writer.close();
    const { stdout } = await runCommand(['export', '-p', 'describe'], {
      cwd: folder,
      env: { PIPELINE_DATA: folder },
    });
    const ids = jsonLines(stdout).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([1_200, 1_200]);
  });
});

describe('pipeline show', () => {
  it('says of a decided answer how likely each field is right', async () => {
    const options = { cwd: folder, env: { PIPELINE_DATA: folder } };
    const { stdout } = await runCommand(['show', idNumber(3)], options);
    expect(stdout).toContain('decided: shelfId 98 %');
    expect((await runCommand(['show', idNumber(1)], options)).stdout).not.toContain('decided');
  });
});
