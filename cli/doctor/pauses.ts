import { z } from 'zod';
import { fromDocument, isActive, type Pause, pathOf, type Target } from '../../shared/results/pauses.ts';
import { plain } from '../text/plain.ts';
import { formatMoment } from '../text/units.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';

const documentShape = z.looseObject({
  fields: z
    .record(
      z.string(),
      z.looseObject({
        booleanValue: z.boolean().optional(),
        stringValue: z.string().optional(),
        timestampValue: z.string().optional(),
      }),
    )
    .default({}),
});

/** What rests now: the whole pipeline, or the calls of one model. */
export async function examinePauses(
  api: GoogleApi,
  names: Names,
  models: readonly string[],
  nowMs: number,
): Promise<Finding[]> {
  const targets: Target[] = ['pipeline', ...models.map((model) => ({ model }))];
  const findings = await Promise.all(
    targets.map(async (target) => {
      const looked = await api.get(
        `https://firestore.googleapis.com/v1/${names.databasePath}/documents/${pathOf(target)}`,
        documentShape,
      );
      if (looked.state === 'unseen') return [unseenOf('the pauses', looked)];
      if (looked.state === 'missing') return [];
      const where = ` --project ${names.project} --bucket ${names.bucket('uploads')} --database ${names.database}`;
      return pauseFindings(target, valuesOf(looked.value), nowMs, where);
    }),
  );
  return orNothingRests(findings.flat());
}

export const orNothingRests = (findings: readonly Finding[]): Finding[] =>
  findings.length > 0 ? [...findings] : [ok('Nothing is paused.')];

/** `data` is the control document's, dates are Dates; `where` is what names the deployment to a command. */
export function pauseFindings(
  target: Target,
  data: Record<string, unknown>,
  nowMs: number,
  where = '',
): Finding[] {
  const document = pathOf(target);
  let pause: Pause | undefined;
  try {
    pause = fromDocument(target, data);
  } catch {
    return [
      error(
        `The document ${document} does not say what is paused: every function overlooks it.`,
        `To set it right: npx pipeline resume${where}`,
      ),
    ];
  }
  if (!isActive(pause, nowMs)) return [];
  const what = target === 'pipeline' ? 'The pipeline' : `The model ${target.model}`;
  const until = Number.isFinite(pause.until)
    ? `until ${formatMoment(new Date(pause.until))}`
    : 'until somebody lifts it';
  return [
    warning(
      `${what} is paused ${until}: ${plain(pause.reason)}.`.replace(/\.\.$/, '.'),
      target === 'pipeline'
        ? `Mend the cause, then: npx pipeline resume${where}`
        : `Mend the cause; then wait, or: npx pipeline resume --model ${target.model}${where}`,
    ),
  ];
}

const valuesOf = ({ fields }: z.infer<typeof documentShape>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value.booleanValue ??
        value.stringValue ??
        (value.timestampValue === undefined ? null : new Date(value.timestampValue)),
    ]),
  );
