import { type Disposition, type FailureRow, toDisposition } from './disposition.ts';

const ACCEPTED = 'Upload a JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or SVG picture.';

/**
 * Every way an image can fail to become a result: the only list of codes. Policy code asks this table and never reads
 * messages. A row decides every column, in the order of `FailureRow`, whose comments say what each value means.
 */
// biome-ignore format: a table is read by columns
const ROWS = {
  // code                    ends           whose fault  retry      who else       pauses      health        meanwhile  runaway    replay from  cache
  NOT_AN_IMAGE:             ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept', ACCEPTED],
  UNSUPPORTED_FORMAT:       ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept', ACCEPTED],
  CORRUPT_IMAGE:            ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Open the picture on the device it came from, save it again and upload it.'],
  TOO_MANY_BYTES:           ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Upload a smaller file, or raise MAX_BYTES.'],
  TOO_MANY_PIXELS:          ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Upload a smaller picture, or raise MAX_PIXELS and the memory of resize-image.'],
  TOO_COMPLEX:              ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Simplify the drawing, or upload it as a PNG picture.'],
  UNKNOWN_PROFILE:          ['refused',     'uploader', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Use the name of an existing profile, or leave it out to get the default.'],
  SOURCE_GONE:              ['failed',      'uploader', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Nothing to do if you deleted or replaced the object; otherwise upload it again.'],
  SUPERSEDED:               ['failed',      'uploader', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Nothing to do: a newer version of the object is being answered.'],
  RESIZE_TIMEOUT:           ['redelivered', 'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'It is tried again; if it repeats, upload a simpler picture or raise RESIZE_TIME_LIMIT_MS.'],
  // A model that neither answers nor refuses uses up the time of all calls together; another instance may fare better.
  TIME_LIMIT:               ['redelivered', 'service',  'never',   'nobody',      'nothing',  'unknown',    'stopgap', 'excused', 'prepared', 'kept',
    'It is tried again; if it repeats, raise FUNCTION_TIMEOUT_MS and the timeout of the function.'],
  STORAGE_UNAVAILABLE:      ['redelivered', 'service',  'backoff', 'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again until Cloud Storage answers.'],
  STORE_UNAVAILABLE:        ['redelivered', 'service',  'backoff', 'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again until Firestore answers.'],
  STORE_REFUSED:            ['failed',      'profile',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "Change the profile's schema to what Firestore can hold (no list in a list, no empty or __reserved__ name, at most 20 levels, below 1 MiB), then replay the image."],
  STORE_ACCESS:             ['redelivered', 'operator', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    "It is tried again; give the function's service account roles/datastore.user on the database that FIRESTORE_DATABASE names."],
  MODEL_QUOTA_MINUTE:       ['redelivered', 'quota',    'as-told', 'next-step',   'model',    'crowded',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again when the quota window opens. For more throughput, raise the quota.'],
  MODEL_QUOTA_DAY:          ['parked',      'quota',    'never',   'next-model',  'model',    'unknown',    'stopgap', 'counted', 'prepared', 'kept',
    'Wait for the quota to renew at midnight Pacific time, or raise the daily quota.'],
  MODEL_QUOTA_SPEND:        ['parked',      'quota',    'as-told', 'alternative', 'model',    'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'Wait until the window of ten minutes has moved on, or raise the spend limit of the project.'],
  MODEL_PAUSED_BY_HAND:     ['parked',      'operator', 'never',   'next-model',  'model',    'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'Lift the pause with `pipeline resume`, for one model with `--model`.'],
  MODEL_CREDIT:             ['parked',      'access',   'never',   'nobody',      'pipeline', 'unknown',    'stopgap', 'counted', 'prepared', 'kept',
    'Add credit to the billing account of the Gemini API key.'],
  LANE_WAITING:             ['parked',      'service',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: it waits for capacity at half the price, and goes by the standard lane before its patience ends.'],
  BATCH_WAITING:            ['parked',      'service',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: a batch job answers it at half the price, or another lane before its patience ends; `pipeline batches list` shows the jobs.'],
  BUDGET_EXHAUSTED:         ['parked',      'budget',   'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'It resumes at the time shown; raise the budget to have it sooner.'],
  UPLOADER_BUDGET_EXHAUSTED: ['refused',    'budget',   'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'Upload it again tomorrow, or ask the operator to raise the budget of this uploader.'],
  PIPELINE_PAUSED:          ['parked',      'operator', 'never',   'nobody',      'pipeline', 'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'Lift the pause with `pipeline resume`.'],
  NOT_SUITABLE:             ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "The picture is not what this profile is for: the message says why. Use another picture, or another profile."],
  MODEL_OVERLOADED:         ['redelivered', 'service',  'backoff', 'next-step',   'nothing',  'overloaded', 'stopgap', 'excused', 'prepared', 'kept',
    'Nothing to do: the model is overloaded and is tried again.'],
  MODEL_TIMEOUT:            ['redelivered', 'service',  'backoff', 'next-step',   'nothing',  'failing',    'stopgap', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again. If it repeats, raise MODEL_ATTEMPT_MS.'],
  MODEL_NETWORK:            ['redelivered', 'service',  'backoff', 'next-step',   'nothing',  'failing',    'stopgap', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again. If it repeats, check the way out to Google.'],
  MODEL_PAUSED:             ['redelivered', 'service',  'as-told', 'next-step',   'nothing',  'unknown',    'stopgap', 'excused', 'prepared', 'kept',
    'Nothing to do: the model failed repeatedly, is left alone for a while and then tried again.'],
  MODEL_BUSY:               ['redelivered', 'quota',    'never',   'alternative', 'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: it is tried again. If it repeats, raise the quota, MODEL_MAX_QUEUE or MAX_INSTANCES.'],
  MODEL_BLOCKED:            ['refused',     'picture',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "The model's safety rules refuse this picture; use another picture."],
  MODEL_RECITATION:         ['refused',     'picture',  'never',   'next-model',  'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "The answer came too close to a text that is published elsewhere; ask for less of it word by word, or name another model in the profile's ladder, then replay the image."],
  MODEL_DECLINED:           ['refused',     'service',  'never',   'next-model',  'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "The model declined for the reason in the message, which is not one of safety; name another model in the profile's ladder, then replay the image."],
  MODEL_INVALID_ANSWER:     ['failed',      'profile',  'repair',  'next-step',   'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    "Look at the issues in the message; simplify the profile's schema or prompt, then replay the image."],
  MODEL_CUT_OFF:            ['failed',      'profile',  'never',   'next-step',   'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'Raise maxOutputTokens of the ladder step or ask for less, then replay the image.'],
  MODEL_EMPTY_ANSWER:       ['failed',      'profile',  'never',   'next-step',   'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'The model came to its end without a word: look at the picture and the prompt, then replay the image.'],
  MODEL_ODD_FINISH:         ['failed',      'service',  'never',   'next-step',   'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'Look up the finish reason in the message, then replay the image.'],
  MODEL_REQUEST_TOO_LARGE:  ['failed',      'profile',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    "Lower the profile's maxSide, then replay the image."],
  MODEL_REJECTED_REQUEST:   ['failed',      'profile',  'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'suspect',
    "Correct the profile's schema or ladder as the message says, then replay the image."],
  MODEL_NOT_FOUND:          ['parked',      'profile',  'never',   'next-model',  'model',    'unknown',    'stopgap', 'counted', 'prepared', 'suspect',
    'Name a model that exists in the ladder of the profile, then run `pipeline resume`.'],
  MODEL_CREDENTIALS:        ['parked',      'access',   'never',   'nobody',      'pipeline', 'unknown',    'stopgap', 'counted', 'prepared', 'suspect',
    'Check GEMINI_API_KEY (or the role of the service account), then run `pipeline resume`.'],
  CLAIM_BUSY:               ['redelivered', 'pipeline', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'excused', 'prepared', 'kept',
    'Nothing to do: another instance is working on this image.'],
  RUNAWAY:                  ['failed',      'pipeline', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'upload',   'kept',
    'This picture ended its function several times; look at the logs before replaying it.'],
  UNKNOWN:                  ['redelivered', 'pipeline', 'never',   'nobody',      'nothing',  'unknown',    'nothing', 'counted', 'prepared', 'kept',
    'It is tried again; if it repeats, look up the log by the id of the result.'],
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof ROWS;

export const FAILURE_CODES = Object.keys(ROWS) as [FailureCode, ...FailureCode[]];

export const FAILURES = Object.fromEntries(
  FAILURE_CODES.map((code) => [code, toDisposition(ROWS[code])]),
) as Readonly<Record<FailureCode, Disposition>>;

/**
 * Codes that say that something of ours is wrong: the profile, the model it names, or the code. Alerts watch their share,
 * because such images end one by one without a function failing.
 */
export const ALARMING_CODES: readonly FailureCode[] = FAILURE_CODES.filter((code) => {
  const { fault, ends, excused } = FAILURES[code];
  if (fault === 'profile') return true;
  return !excused && (fault === 'pipeline' || (fault === 'service' && ends === 'failed'));
});
