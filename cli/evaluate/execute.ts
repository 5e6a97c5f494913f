import { resolve } from 'node:path';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import type { Outcome } from '../../evaluation/outcomes.ts';
import { scoreAll } from '../../evaluation/report.ts';
import { type Variant, variantsOf } from '../../evaluation/variants.ts';
import { acquireInstanceLock } from '../../local/instance-lock.ts';
import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { silentLog } from '../../shared/base/log.ts';
import { usdOf } from '../../shared/prices/units.ts';
import { closedForm } from '../../shared/profiles/closed-form.ts';
import { DECISION_MODEL, isDecisionStep } from '../../shared/profiles/decision-step.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import type { LabeledPicture } from '../labels/labeled.ts';
import { plural } from '../text/units.ts';
import { agreeToSpend } from './consent.ts';
import { Journal } from './journal.ts';
import { type EvaluatedModel, openModel } from './model.ts';
import { choiceOf, type EvaluateOptions } from './options.ts';
import { askingOf, expectedNanos, prepareFor } from './plan.ts';
import { EvaluationProgress } from './progress.ts';
import { endsRun } from './question.ts';
import { writeReports } from './report/write.ts';
import { askAll, openQuestions, outcomesIn, questionsOf } from './run.ts';
import { variantsToCome } from './successors.ts';

export interface Executed {
  evaluation: Evaluation;
  variants: Variant[];
  /** The reports that were written. */
  files: string[];
}

/** Asks what is still open, scores everything and writes the reports into the folder of the run. */
export async function execute(
  cli: Cli,
  profile: Profile,
  labels: readonly LabeledPicture[],
  options: EvaluateOptions,
): Promise<Executed> {
  const folder = resolve(cli.cwd, options.run ?? `evaluation-${profile.name}`);
  const variants = options.successors
    ? variantsToCome(profile, options, Date.now())
    : variantsOf(profile, choiceOf(options));
  const decisions = decisionsAmong(profile, variants);
  const lock = await acquireInstanceLock(folder);
  const model = await openModel(cli.env, cli.target, silentLog);
  const journal = new Journal(folder);
  try {
    if (decisions && !model.decides)
      throw new CliError(`Vertex AI does not have ${DECISION_MODEL}.`, {
        hint: 'Set GEMINI_API_KEY too, or name other models with --models.',
      });
    const outcomes = await answersTo(cli, profile, labels, variants, options, model, journal);
    const form = { shape: compileZod(profile.schema).shape, comparators: profile.comparators ?? {} };
    const evaluation = evaluate({
      ...{ profile, form, labels, variants, outcomes },
      ...{ repeats: options.repeat, target: options.target },
      ...{ answeredBy: model.label, isBilled: model.isBilled, atMs: Date.now() },
    });
    const scores = scoreAll(outcomes, labels, form);
    const files = await writeReports(folder, evaluation, scores, labels, cli.interrupted);
    return { evaluation, variants, files };
  } finally {
    journal.close();
    await model.close();
    await lock.release();
  }
}

/** Whether decisions are to be tried. @throws CliError where they cannot answer the profile */
function decisionsAmong({ name, schema }: Profile, variants: readonly Variant[]): boolean {
  if (!variants.some(({ step }) => isDecisionStep(step))) return false;
  const { problems } = closedForm(schema);
  if (problems.length === 0) return true;
  throw new CliError(`${name} cannot be tried with ${DECISION_MODEL}: ${problems.join('; ')}.`, {
    hint: 'Name other models with --models.',
  });
}

async function answersTo(
  cli: Cli,
  profile: Profile,
  labels: readonly LabeledPicture[],
  variants: readonly Variant[],
  options: EvaluateOptions,
  model: EvaluatedModel,
  journal: Journal,
): Promise<Outcome[]> {
  const { out, interrupted } = cli;
  const asking = askingOf(profile, model, journal, options.maxUsd);
  const questions = await questionsOf(labels, variants, options.repeat, asking, interrupted);
  const open = openQuestions(journal, questions);
  const known = questions.length - open.length;
  if (known > 0) out.note(`${plural(known, 'question')} of ${questions.length} are answered already.`);
  if (open.length === 0) return outcomesIn(journal, questions);
  if (model.isBilled)
    await agreeToSpend(
      cli,
      {
        questions: open.length,
        expected: expectedNanos(open, asking, Date.now()),
        spent: journal.spentNanos,
        maxUsd: options.maxUsd,
        answeredBy: model.label,
      },
      options.yes === true,
    );
  else out.note(`Asking ${plural(open.length, 'question')} of ${model.label}; nothing is billed.`);
  const progress = new EvaluationProgress(out, open.length, model.isBilled);
  try {
    await askAll(
      open,
      {
        ...{ asking, journal, concurrency: options.concurrency },
        prepare: prepareFor(profile),
        onOutcome: (outcome) => progress.add(outcome),
      },
      interrupted,
    );
  } catch (error) {
    throw stopped(error, journal, openQuestions(journal, questions).length, options);
  } finally {
    progress.stop();
  }
  return outcomesIn(journal, questions);
}

/** What a person is told of a run that ended early; what is answered is kept. */
function stopped(error: unknown, journal: Journal, left: number, options: EvaluateOptions): unknown {
  const kept = `What is answered is kept and costs nothing again.`;
  if (isFailure(error, 'BUDGET_EXHAUSTED')) {
    return new CliError(
      `Stopped at --max-usd ${options.maxUsd}: $${usdOf(journal.spentNanos).toFixed(4)} are spent, ${plural(left, 'question')} not asked.`,
      { hint: `Run the same command with a higher --max-usd. ${kept}`, cause: error },
    );
  }
  if (!(error instanceof PipelineError) || !endsRun(error)) return error;
  return new CliError(`Stopped, ${plural(left, 'question')} not asked: ${error.message}`, {
    hint: `${error.disposition.hint} Then run the same command. ${kept}`,
    cause: error,
  });
}
