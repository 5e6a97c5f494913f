/**
 * Every way an image can fail to become a result, as data. Policy code asks this table and never reads messages.
 *
 * - `retry`: whether the call is repeated in place: `never`, `backoff` (full jitter), `as-told` (the server named
 *   the wait) or `repair` (asked once more with the validation issues).
 * - `nextStep`: whether the next step of the profile's ladder may do better.
 * - `redeliver`: whether delivering the event again later could help; the function then answers 503.
 * - `park`: whether the image waits, acknowledged, until a named time.
 * - `status`: how the result document ends when nothing above applies.
 * - `hint`: what a person does next.
 */
export interface Disposition {
  retry: 'never' | 'backoff' | 'as-told' | 'repair';
  nextStep: boolean;
  redeliver: boolean;
  park: boolean;
  status: 'failed' | 'refused';
  hint: string;
}

const refused = (hint: string): Disposition => ({
  retry: 'never',
  nextStep: false,
  redeliver: false,
  park: false,
  status: 'refused',
  hint,
});

const failed = (hint: string): Disposition => ({ ...refused(hint), status: 'failed' });

const redelivered = (hint: string): Disposition => ({ ...failed(hint), redeliver: true });

const ACCEPTED = 'Upload a JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or SVG picture.';

export const FAILURES = {
  NOT_AN_IMAGE: refused(ACCEPTED),
  UNSUPPORTED_FORMAT: refused(ACCEPTED),
  CORRUPT_IMAGE: refused('Open the picture on the device it came from, save it anew and upload it again.'),
  TOO_MANY_BYTES: refused('Upload a smaller file, or raise MAX_BYTES.'),
  TOO_MANY_PIXELS: refused('Upload a smaller picture, or raise MAX_PIXELS and the memory of resize-image.'),
  TOO_COMPLEX: refused('Simplify the drawing, or upload it as a PNG picture.'),
  UNKNOWN_PROFILE: refused('Use the name of an existing profile, or leave it out to get the default.'),
  SOURCE_GONE: failed('Nothing to do if you deleted or replaced the object; otherwise upload it again.'),
  SUPERSEDED: failed('Nothing to do: a newer version of the object is being answered.'),
  RESIZE_TIMEOUT: redelivered(
    'It is tried again; if it repeats, upload a simpler picture or raise RESIZE_TIME_LIMIT_MS.',
  ),
  TIME_LIMIT: redelivered(
    'It is tried again; if it repeats, raise FUNCTION_TIMEOUT_MS and the timeout of the function.',
  ),
  STORAGE_UNAVAILABLE: {
    ...redelivered('Nothing to do: it is tried again until Cloud Storage answers.'),
    retry: 'backoff',
  },
  STORE_UNAVAILABLE: {
    ...redelivered('Nothing to do: it is tried again until Firestore answers.'),
    retry: 'backoff',
  },
  MODEL_QUOTA_MINUTE: {
    ...redelivered(
      'Nothing to do: it is tried again when the quota window opens. For more throughput, raise the quota.',
    ),
    retry: 'as-told',
    nextStep: true,
  },
  MODEL_QUOTA_DAY: {
    ...failed('Wait for the quota to renew at midnight Pacific time, or raise the daily quota.'),
    park: true,
  },
  MODEL_QUOTA_SPEND: {
    ...failed('Wait until the window of ten minutes has moved on, or raise the spend limit of the project.'),
    retry: 'as-told',
    park: true,
  },
  MODEL_CREDIT: { ...failed('Add credit to the billing account of the Gemini API key.'), park: true },
  BUDGET_EXHAUSTED: {
    ...failed('It goes on by itself at the named time; raise the budget to have it sooner.'),
    park: true,
  },
  UPLOADER_BUDGET_EXHAUSTED: refused(
    'Upload it again tomorrow, or ask the operator to raise the budget of this uploader.',
  ),
  PIPELINE_PAUSED: { ...failed('Lift the pause with `pipeline resume`.'), park: true },
  MODEL_OVERLOADED: {
    ...redelivered('Nothing to do: the model is overloaded and is tried again.'),
    retry: 'backoff',
    nextStep: true,
  },
  MODEL_TIMEOUT: {
    ...redelivered('Nothing to do: it is tried again. If it repeats, raise MODEL_ATTEMPT_MS.'),
    retry: 'backoff',
    nextStep: true,
  },
  MODEL_NETWORK: {
    ...redelivered('Nothing to do: it is tried again. If it repeats, check the way out to Google.'),
    retry: 'backoff',
    nextStep: true,
  },
  MODEL_PAUSED: {
    ...redelivered(
      'Nothing to do: the model failed repeatedly, is left alone for a while and then tried again.',
    ),
    retry: 'as-told',
    nextStep: true,
  },
  MODEL_BUSY: redelivered(
    'Nothing to do: it is tried again. If it repeats, raise the quota, MODEL_MAX_QUEUE or MAX_INSTANCES.',
  ),
  MODEL_BLOCKED: refused("The model's safety rules refuse this picture; use another picture."),
  MODEL_INVALID_ANSWER: {
    ...failed(
      "Look at the issues in the message; simplify the profile's schema or prompt, then replay the image.",
    ),
    retry: 'repair',
    nextStep: true,
  },
  MODEL_CUT_OFF: {
    ...failed('Raise maxOutputTokens of the ladder step or ask for less, then replay the image.'),
    nextStep: true,
  },
  MODEL_EMPTY_ANSWER: {
    ...failed('Raise maxOutputTokens of the ladder step, then replay the image.'),
    nextStep: true,
  },
  MODEL_ODD_FINISH: {
    ...failed('Look up the finish reason in the message, then replay the image.'),
    nextStep: true,
  },
  MODEL_REQUEST_TOO_LARGE: failed("Lower the profile's maxSide, then replay the image."),
  MODEL_REJECTED_REQUEST: failed(
    "Correct the profile's schema or ladder as the message says, then replay the image.",
  ),
  MODEL_NOT_FOUND: failed('Name a model that exists in the ladder of the profile, then replay the image.'),
  MODEL_CREDENTIALS: {
    ...failed('Check GEMINI_API_KEY (or the role of the service account), then run `pipeline resume`.'),
    park: true,
  },
  CLAIM_BUSY: redelivered('Nothing to do: another instance is working on this image.'),
  RUNAWAY: failed('This picture ended its function several times; look at the logs before replaying it.'),
  UNKNOWN: redelivered('It is tried again; if it repeats, look up the log by the id of the result.'),
} as const satisfies Record<string, Disposition>;

export type FailureCode = keyof typeof FAILURES;
