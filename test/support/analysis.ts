import { createAnalyze } from '../../functions/analyze-image/handler.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { charged } from '../../shared/model/gate/call-path.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { LateRecords } from '../../shared/money/late-records.ts';
import { costReport } from '../../shared/money/report.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createPay, createRecordHit, createReserveForCache } from '../../shared/money/spending.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { dayOf } from '../../shared/prices/units.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import { resultId } from '../../shared/results/id.ts';
import { Results } from '../../shared/results/results.ts';
import { picture } from './pipeline.ts';

const quiet = () => undefined;

export interface AnalysisOptions {
  documents: Documents;
  model: GeminiSimulator;
  owner: string;
  /** Of the claims, and as long as an execution may take. Milliseconds. */
  leaseMs: number;
  /** Told of each answer of the model before it is stored; `endFunction` ends the execution before its time. */
  answered?: (endFunction: () => void) => void;
  /** The profile of every picture; as deployed when absent. */
  profile?: Profile;
  /** What stands between the ladder and the calls; nothing when absent. */
  around?: (call: AskModel) => AskModel;
}

/** One instance of analyze-image in this process, without a bucket: every prepared picture is there. */
export async function startAnalysis(options: AnalysisOptions) {
  const { documents, model, owner, leaseMs, answered = quiet, around = (call) => call } = options;
  // Connected, so that after an outage it is there before what is repeated from the time before.
  await documents.get('control/budget');
  const limits = { daily: null, uploaderDaily: null, uploaders: {}, profiles: {} };
  const dayBudgets = new DayBudgets(
    documents,
    new BudgetLimits(documents, limits, { cacheMs: 60_000, log: silentLog }),
    {
      ...{ owner, holdMs: 60_000, waitMs: 0, uploaderAction: 'refuse' },
    },
  );
  const spendLog = new SpendLog(owner);
  const prices = new PriceList();
  const late = new LateRecords(documents, silentLog);
  const results = new Results(documents, { maxExecutions: 50, retentionDays: 0 });
  const ask = around(charged(createDeveloperApi({ apiKey: 'test', baseUrl: model.url })));
  const handle = createAnalyze({
    openPicture: async () => ({ mimeType: 'image/jpeg', base64: (await picture(1)).toString('base64') }),
    findStopgap: async () => undefined,
    recall: async () => undefined,
    recordHit: createRecordHit(spendLog),
    pay: createPay(dayBudgets, spendLog, {
      ...{ prices, estimator: new Estimator(prices), audit: { record: quiet }, log: silentLog },
      ...{ referencesOf: () => [], leastCallMs: 0 },
    }),
    call: async (request, signal) => {
      const reply = await ask(request, signal);
      answered(() => endFunction());
      return reply;
    },
    callBy: () => () => Promise.reject(new Error('no lane but the standard one')),
    profileAsked: async (name) => options.profile ?? profileNamed(name),
    ...{ results, late, log: silentLog, askWithinMs: 60_000 },
    limitsOf: () => ({ timeoutMs: leaseMs, leaseMs }),
    refuseUnsuitable: async () => undefined,
    decides: true,
    toBatch: {
      instead: async () => undefined,
      afterGate: async () => undefined,
      asRepeat: async () => undefined,
      joined: async () => undefined,
    },
    isStillAsked: () => true,
  });
  let endFunction: () => void = quiet;
  const analyze = (name: string) => {
    const id = resultId({ bucket: 'uploads', name });
    const controller = new AbortController();
    endFunction = () => controller.abort(new Error('The function is over.'));
    setTimeout(endFunction, leaseMs).unref();
    const ref = { bucket: 'prepared', name: `${id}/1.jpg`, generation: '7' };
    const nothing = { bytes: undefined, contentType: undefined, md5: undefined, createdAt: undefined };
    return handle(
      { kind: 'finalized', ref, ...nothing, metadata: {}, overwritten: false, deliveryAttempt: 1 },
      controller.signal,
    );
  };
  return { analyze, late, hold: createReserveForCache(dayBudgets, spendLog, late) };
}

/** A picture that has been resized. */
export async function preparePicture(documents: Documents, name: string, leaseMs: number): Promise<void> {
  const results = new Results(documents, { maxExecutions: 50, retentionDays: 0 });
  const id = resultId({ bucket: 'uploads', name });
  const source = { bucket: 'uploads', name, generation: '1', contentType: null, bytes: 1, md5: null };
  const upload = { id, profile: 'describe', profileVersion: 1 };
  const outcome = await results.claimUpload(
    { ...upload, source: { ...source, uploader: null, uploadedAt: null } },
    leaseMs,
  );
  if (outcome.kind !== 'claimed') throw new Error(`expected a claim, got ${outcome.kind}`);
  const prepared = { bucket: 'prepared', name: `${id}/1.jpg`, width: 320, height: 240, bytes: 1 };
  await results.recordPrepared(
    outcome.claim,
    { ...prepared, sha256: name, reencoded: false },
    { format: 'jpeg', width: 320, height: 240 },
    {},
  );
}

/** What the spend log of today holds: images that ended, calls, nano-dollars. */
export async function spentToday(documents: Documents) {
  const today = dayOf(Date.now());
  const { images, calls, usd } = (await costReport(documents, today, today)).total;
  return { images, calls, nanos: Math.round(usd * 1e9) };
}
