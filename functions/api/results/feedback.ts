import type { RequestHandler } from 'express';
import type { Log } from '../../../shared/base/log.ts';
import { cutText } from '../../../shared/base/text.ts';
import type { Documents } from '../../../shared/cloud/firestore/documents.ts';
import { profileNamed } from '../../../shared/profiles/index.ts';
import { type FeedbackRequest, feedbackRequest } from '../../../shared/results/api/requests.ts';
import type { ResultDocument } from '../../../shared/results/document.ts';
import type { LabelKeeper } from '../../../shared/results/labels/keep.ts';
import { giveFeedback } from '../../../shared/results/verdicts.ts';
import { viewOf } from '../../../shared/results/view.ts';
import { callerOf } from '../http/caller.ts';
import { jsonBody } from '../http/json-body.ts';
import { sentencesOf } from '../http/parameters.ts';
import { Problem } from '../problem.ts';
import { noResult, type ResultAccess, resultNamed } from './show.ts';

interface FeedbackDependencies extends ResultAccess {
  documents: Pick<Documents, 'get' | 'commit'>;
  labels: LabelKeeper;
  uploadIdleMs: number;
  log: Log;
}

/** `POST /v1/results/{id}/feedback` */
export const receiveFeedback =
  ({ documents, labels, uploadIdleMs, log, ...access }: FeedbackDependencies): RequestHandler =>
  async (request, response) => {
    const said = await jsonBody(request, feedbackRequest, { withinMs: uploadIdleMs });
    const by = callerOf(response).identity ?? null;
    const { id } = await resultNamed(access, request, response);
    const judged = await giveFeedback(documents, labels, id, (current) => {
      const { answer } = current;
      if (!answer) throw notAnswered(current);
      if (said.verdict !== 'corrected') return { verdict: { ...said, by }, answer };
      const fields = checkedCorrection(current.profile, answer, said.fields);
      return { verdict: { ...said, fields, by }, answer };
    });
    if (!judged) throw noResult();
    const { document, labeled } = judged;
    const { profile, model } = document;
    log.info('feedback.given', {
      ...{ id, profile, verdict: said.verdict, labeled },
      ...{ model: model?.version, step: model?.step },
    });
    response.set('Cache-Control', 'no-store').json(viewOf(id, document));
  };

/** The corrected fields as the profile knows them: together with the others they must be an answer of it. */
function checkedCorrection(
  profileName: string,
  answer: Record<string, unknown>,
  fields: Extract<FeedbackRequest, { verdict: 'corrected' }>['fields'],
): Record<string, unknown> {
  const profile = profileNamed(profileName);
  if (!profile) throw invalidCorrection(`the profile ${profileName} is no longer deployed.`);
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(profile.schema.shape, name));
  if (unknown.length > 0) throw invalidCorrection(`${cutText(unknown.join(', '), 200)}: no such field.`);
  if (Object.keys(fields).length === 0) throw invalidCorrection('no field is corrected.');
  const parsed = profile.schema.safeParse({ ...answer, ...fields });
  if (!parsed.success) throw invalidCorrection(sentencesOf(parsed.error));
  const known: Record<string, unknown> = parsed.data;
  return Object.fromEntries(Object.keys(fields).map((name) => [name, known[name]]));
}

const invalidCorrection = (why: string): Problem =>
  new Problem(
    'INVALID_CORRECTION',
    `The corrected answer does not fit the profile: ${why}`,
    'GET /v1/profiles has the schema of each profile.',
  );

const notAnswered = ({ status }: ResultDocument): Problem =>
  new Problem(
    'NOT_ANSWERED',
    `The result is ${status} and has no answer to judge.`,
    'Wait until it is completed.',
  );
