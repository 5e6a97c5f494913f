import { fromDocument, isActive, type Pause, pathOf, type Target } from '../../shared/results/pauses.ts';
import { plain } from '../text/plain.ts';
import { formatMoment } from '../text/units.ts';
import { error, type Finding, orAllWell, warning } from './finding.ts';
import { unseenOf } from './google-api.ts';
import type { ReadDocument } from './read-document.ts';

/** What rests now: the whole pipeline, or the calls of one model. `where` is what names the deployment to a command. */
export async function examinePauses(
  read: ReadDocument,
  where: string,
  models: readonly string[],
  nowMs: number,
): Promise<Finding[]> {
  const targets: Target[] = ['pipeline', ...models.map((model) => ({ model }))];
  const findings = await Promise.all(
    targets.map(async (target) => {
      const looked = await read(pathOf(target));
      if (looked.state === 'unseen') return [unseenOf('the pauses', looked)];
      if (looked.state === 'missing') return [];
      return pauseFindings(target, looked.value, nowMs, where);
    }),
  );
  return orAllWell(findings.flat(), 'Nothing is paused.');
}

/** `data` is the control document's. */
function pauseFindings(
  target: Target,
  data: Record<string, unknown>,
  nowMs: number,
  where: string,
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
