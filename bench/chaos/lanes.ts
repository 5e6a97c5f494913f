import { LANES, type Lane } from '../../shared/prices/lanes.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { hasEnded, resultIdOf, share } from './outcome.ts';
import type { Uploaded } from './uploading.ts';

/** What became of the good pictures that were to go by one lane. */
export interface LaneOutcome {
  asked: number;
  answered: number;
  /** Of the answered ones, by the lane that served the answer. */
  served: Partial<Record<Lane, number>>;
  /** Mean of what the answered ones cost, in US dollars for a thousand. */
  usdPer1000: number;
  /**
   * Pictures whose upload named seconds, and of them the share that ended (answered, or for good without an answer)
   * within that time after their upload was there. A patience of `15m` or `24h` is longer than a run and does not count,
   * nor does an upload whose notification was lost, of which nobody knew.
   */
  patient: number;
  patienceKept: number;
  /** Those that did not, with how much later they came. */
  late: string[];
}

type Ended = { upload: Uploaded; document: ResultDocument };

/** The longest patience that a run can break, in milliseconds. */
const COUNTED_MS = 600_000;

export function judgeLanes(
  uploads: readonly Uploaded[],
  documents: ReadonlyMap<string, ResultDocument>,
  unheardOf: ReadonlySet<string>,
): Partial<Record<Lane, LaneOutcome>> {
  const good = uploads.filter(({ member: { fate } }) => fate.kind === 'kept' || fate.kind === 'overwritten');
  return Object.fromEntries(
    LANES.flatMap((lane) => {
      const asked = good.filter(({ member }) => member.wish.lane === lane);
      return asked.length === 0 ? [] : [[lane, judgeLane(asked, documents, unheardOf)]];
    }),
  );
}

function judgeLane(
  asked: readonly Uploaded[],
  documents: ReadonlyMap<string, ResultDocument>,
  unheardOf: ReadonlySet<string>,
): LaneOutcome {
  const ended = asked.flatMap((upload): Ended[] => {
    const document = documents.get(resultIdOf(upload));
    return document && hasEnded(document) ? [{ upload, document }] : [];
  });
  const answered = ended.filter(({ document }) => document.status === 'completed');
  const served: LaneOutcome['served'] = {};
  for (const { document } of answered) {
    const lane = document.lane?.served ?? 'standard';
    served[lane] = (served[lane] ?? 0) + 1;
  }
  const usd = answered.reduce((sum, { document }) => sum + (document.cost?.usd ?? 0), 0);
  const patient = asked.filter(
    ({ member: { name, wish } }) => (wish.patienceMs ?? Infinity) <= COUNTED_MS && !unheardOf.has(name),
  );
  const inTime = new Set(ended.filter((one) => lateBy(one) <= 0).map(({ upload }) => upload));
  const kept = patient.filter((upload) => inTime.has(upload)).length;
  return {
    asked: asked.length,
    answered: answered.length,
    served,
    usdPer1000: answered.length === 0 ? 0 : Math.round((usd / answered.length) * 1e6) / 1e3,
    patient: patient.length,
    patienceKept: share(kept, patient.length),
    late: ended.flatMap((one) => {
      const { upload, document } = one;
      if (!patient.includes(upload) || lateBy(one) <= 0) return [];
      const { name, wish } = upload.member;
      return `${name} (${wish.metadata['patience']}): ${Math.round(lateBy(one) / 100) / 10} s late, ${document.status}`;
    }),
  };
}

/** Milliseconds; negative in time. */
const lateBy = ({ upload, document }: Ended): number =>
  document.updatedAt.getTime() - upload.at - (upload.member.wish.patienceMs ?? Infinity);

/** Over all lanes, by pictures. */
export function patienceOf(lanes: Partial<Record<Lane, LaneOutcome>>): { patient: number; kept: number } {
  const all = Object.values(lanes);
  const patient = all.reduce((sum, one) => sum + one.patient, 0);
  const kept = all.reduce((sum, one) => sum + Math.round(one.patienceKept * one.patient), 0);
  return { patient, kept: share(kept, patient) };
}
