import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { costReport } from '../../shared/money/report.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';

let server: FirestoreServer;
let documents: Documents;

beforeAll(async () => {
  server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local' });
});
afterAll(async () => {
  await documents.close();
  await server.close();
  vi.unstubAllEnvs();
});

const limits = { daily: null, uploaderDaily: 1_000, uploaders: {}, profiles: {} };

/** One picture of the uploader, paid from a budget of its own and booked; resolves with the day. */
async function analyzedFor(uploader: string): Promise<string> {
  const dayBudgets = new DayBudgets(
    documents,
    new BudgetLimits(documents, limits, { cacheMs: 0, log: silentLog }),
    {
      ...{ owner: 'one', holdMs: 1_000, waitMs: 0, uploaderAction: 'refuse' },
    },
  );
  const { day, scopes, reserve } = await dayBudgets.budgetFor({ profile: 'describe', uploader });
  (await reserve([5], new AbortController().signal)).settle(5);
  const entry = {
    ...{ day, scopes, profile: 'describe', uploader, ended: true, cacheHit: false },
    ...{ estimated: 0, lost: 0, savedByCache: 0, topStep: 0, bytesIn: 0, bytesOut: 0 },
    calls: [{ model: 'm', tokens: null, nanos: 5 }],
  };
  await documents.commit([new SpendLog('one').write(entry)]);
  return day;
}

describe('an uploader', () => {
  it.each([
    ['ana@example.com', 'ana@example.com'],
    ['Zoë “the shelf” Ünal, 3. OG', 'Zoë “the shelf” Ünal, 3. OG'],
    ['倉'.repeat(254), '倉'.repeat(254)],
    ['', '(none)'],
    ['__ana__', '(__ana__)'],
    ['__proto__', '(__proto__)'],
    ['x'.repeat(1_600), expect.stringMatching(/^x{60}… \([0-9a-f]{16}\)$/)],
    ['😀'.repeat(600), expect.stringMatching(/^(😀){30}… \([0-9a-f]{16}\)$/u)],
    ['half \ud800', 'half �'],
  ])('may be called anything: %j has a budget and a line in the report', async (uploader, line) => {
    const day = await analyzedFor(uploader);
    const { uploaders } = await costReport(documents, day, day);
    const names = Object.keys(uploaders);
    expect(names).toContainEqual(line);
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1_500);
      expect(name).not.toMatch(/^$|^__.*__$/s);
    }
    const budgets = await documents.query('spend', { limit: 100 });
    for (const { id } of budgets) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(1_500);
  });

  it('with a long name shares a budget and a line in the report with nobody', async () => {
    const [one, other] = [`${'y'.repeat(1_600)}1`, `${'y'.repeat(1_600)}2`];
    const day = await analyzedFor(one);
    await analyzedFor(other);
    const { uploaders } = await costReport(documents, day, day);
    const lines = Object.entries(uploaders).filter(([name]) => name.startsWith('yyy'));
    expect(lines.map(([, { usd }]) => usd)).toEqual([5e-9, 5e-9]);
  });
});
