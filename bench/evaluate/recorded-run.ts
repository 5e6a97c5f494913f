import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../cli/evaluate/journal.ts';
import { askingOf, prepareFor } from '../../cli/evaluate/plan.ts';
import type { PreparedPicture } from '../../cli/evaluate/question.ts';
import { askAll, outcomesIn, questionsOf } from '../../cli/evaluate/run.ts';
import type { LabeledPicture } from '../../cli/labels/labeled.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { measure } from '../measure.ts';
import { drawShelf } from './shelves.ts';
import { FORM, labelName, PROFILE, simulate, VARIANTS } from './simulated-model.ts';

interface RecordedRun {
  evaluation: Evaluation;
  /** CPU of asking, recording, scoring and choosing, preparation and drawing left out. Milliseconds an answer. */
  overheadMs: number;
  answers: number;
}

const SIDES = [...new Set(VARIANTS.map(({ maxSide }) => maxSide))];
const NEVER = new AbortController().signal;

/** Draws the shelves, prepares them as resize-image does and asks about them as `pipeline evaluate` does. */
export async function recordedRun(
  shelves: number,
  seed: number,
  target: number,
  progress: (line: string) => void,
): Promise<RecordedRun> {
  const labels: LabeledPicture[] = [];
  const prepared = new Map<string, PreparedPicture>();
  const seen = new Map<string, { shelf: number; maxSide: number }>();
  const prepare = prepareFor(PROFILE);
  for (let shelf = 1; shelf <= shelves; shelf += 1) {
    const { picture, answer } = await drawShelf(shelf);
    labels.push({ name: labelName(shelf), answer, place: '', read: () => Promise.resolve(picture) });
    for (const maxSide of SIDES) {
      const made = await prepare(picture, maxSide, NEVER);
      prepared.set(`${maxSide} ${hashOf(picture)}`, made);
      seen.set(hashOf(made.bytes), { shelf, maxSide });
    }
    if (shelf % 50 === 0) progress(`${shelf} shelves drawn and prepared`);
  }
  const call: AskModel = async ({ image, step, model }) => {
    const shown = seen.get('base64' in image ? hashOf(Buffer.from(image.base64, 'base64')) : '');
    const variant = VARIANTS.find(
      (one) =>
        one.maxSide === shown?.maxSide &&
        one.step.models[0] === model &&
        one.step.mediaResolution === step.mediaResolution,
    );
    if (!shown || !variant) throw new Error('a picture that was not prepared');
    const { answer, usage } = simulate(seed, shown.shelf, variant);
    return { end: { kind: 'answer', text: JSON.stringify(answer) }, modelVersion: model, usage };
  };
  const folder = await mkdtemp(join(tmpdir(), 'bench-evaluate-'));
  const journal = new Journal(folder);
  try {
    let evaluation: Evaluation | undefined;
    const { cpuMs } = await measure(async () => {
      const model = { callBy: () => charging(call), isBilled: true, leastCallMs: 0 };
      const asking = askingOf(PROFILE, model, journal, 1_000);
      const questions = await questionsOf(labels, VARIANTS, 1, asking, NEVER);
      await askAll(
        questions,
        {
          ...{ asking, journal, concurrency: 8, onOutcome: () => undefined },
          prepare: (picture, maxSide) => {
            const made = prepared.get(`${maxSide} ${hashOf(picture)}`);
            return made ? Promise.resolve(made) : Promise.reject(new Error('not prepared'));
          },
        },
        NEVER,
      );
      evaluation = evaluate({
        ...{ profile: PROFILE, form: FORM, labels, variants: VARIANTS, repeats: 1, target },
        outcomes: outcomesIn(journal, questions),
        ...{ answeredBy: 'a simulated model', isBilled: false, atMs: Date.now() },
      });
    });
    if (!evaluation) throw new Error('nothing was evaluated');
    const answers = labels.length * VARIANTS.length;
    return { evaluation, overheadMs: cpuMs / answers, answers };
  } finally {
    journal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Has each call reserved and charged, as the gate does. */
const charging =
  (call: AskModel): AskModel =>
  async (request, signal) => {
    const open = await request.charges?.begin(request, signal);
    const reply = await call(open?.request ?? request, signal);
    open?.answered(reply);
    return reply;
  };
