/** Variables of the functions that no deployment sets: why their defaults are right in every one. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  // Of the local cloud and of tests: a deployment talks to Google.
  PUBSUB_EMULATOR_HOST: 'of the local cloud',
  STORAGE_EMULATOR_HOST: 'of the local cloud',
  GEMINI_BASE_URL: 'of the local cloud; the key of Gemini goes to Google alone',
  VERTEX_BASE_URL: 'of tests; the token of the function goes to Google alone',
  PROFILES_FOLDER: 'of the local cloud; a deployment brings the profiles beside its code',
  WEBHOOK_LOOPBACK: 'of the local cloud; Cloud Run ignores it',
  ANSWERED_BY: 'of the local cloud; in Google Cloud Gemini answers',

  // What another part of a deployment already decides.
  ALLOWED_HOSTS: 'Cloud Run decides who may call the api, and hands it requests for its own host names alone',
  WEBHOOK_PRIVATE_HOSTS: 'the functions are in no private network, so no private host could be reached',
  STALE_MS: 'follows from the longest backoff of our subscriptions, which is the same in every deployment',
  MODEL_MAX_QUEUE: 'the concurrency of an instance (analyze.max_concurrency) bounds what can wait in it',
  MAX_LISTENERS: 'the concurrency of an instance (api.concurrency) is below it',
  MAX_WAITERS: 'the concurrency of an instance (api.concurrency) is below it',

  // Steps inside bounds that can be set.
  MODEL_BACKOFF_MS: 'Google names its waits; between the others max_attempts and the timeout are the bounds',
  MODEL_MAX_BACKOFF_MS: 'as MODEL_BACKOFF_MS',
  MODEL_REST_MS: 'a breaker finds its own rest between 2 and 60 seconds',
  MODEL_MAX_REST_MS: 'as MODEL_REST_MS',
  FLEX_BACKOFF_MS: 'the first wait for capacity; the bounds are the attempt and the time of all flex calls',
  FLEX_MAX_ATTEMPTS: 'as FLEX_BACKOFF_MS',
  FLEX_RETURN_MS: 'follows from the schedule of the sweep, which is the same in every deployment',
  BUDGET_WAIT_MS: 'a wait inside the time of one call (gemini.attempt_seconds)',
  ANSWER_WAIT_MS: 'a wait inside the time of the function, after which the event is delivered again',
  CONTROL_CACHE_MS: 'how late an instance hears of a pause: 3 seconds, at one read each',
  PROFILES_CACHE_MS:
    'how late an instance asks by a pushed profile: within a minute, at three reads of one document',
  AUDIT_BATCH: 'how records are packed, not what is recorded',
  STATS_SAMPLE: 'together with api.figures_cache_seconds it bounds the reads; one of them is enough to set',
  SWEEP_CONCURRENCY: 'sweep.images_per_run is the bound; how many lanes reach it nobody sees',
  RUNAWAY_WINDOW_MS:
    'runaway.executions_per_image is the bound; the window only has to be longer than a sweep',
  RUNAWAY_SAMPLE: 'as RUNAWAY_WINDOW_MS',
  UPLOAD_IDLE_MS:
    'shorter than the timeout of the api, and longer than any pause of a client that is still there',
  HEARTBEAT_MS: 'proxies close streams that are silent for a minute, everywhere',
  WEBHOOK_BATCH: 'the schedule runs every minute and goes on where the last run ended',
  WEBHOOK_CONCURRENCY: 'as WEBHOOK_BATCH',
  BATCH_RING_BYTES: 'a second bell beside that of batch.pictures, for pictures that are large',
  BATCH_LEAST_MS: 'no batch is worth waiting for in less than an hour, in any deployment',
  BATCH_LEASE_MS: 'longer than any one call of a run, which is the same in every deployment',
  BATCH_MAX_BYTES: "below Google's limit of 2 GB",
  BATCH_MAX_JOBS: "below Google's limit of 100",
  BATCH_POLL_MS: 'below the schedule of five minutes: each run looks',
  BATCH_CREATE_SETTLE_MS: 'longer than a call may take; the next run comes after five minutes anyway',
  BATCH_CANCEL_GRACE_MS: 'time for three runs to see the end of a cancelled job',
};

/** Variables that have one value in every deployment. */
export const CONSTANT: Readonly<Record<string, string>> = {
  WEB_DIR: 'where `npm run build` puts the page',
};

/** Warnings and errors that no metric counts: what tells of them, or why nobody has to be told. */
export const UNCOUNTED_EVENTS: Readonly<Record<string, string>> = {
  // A deployment works on; the line is there for anyone who looks for the cause of something else.
  'analyze.codes-unread': 'the picture is answered without its printed codes',
  'api.not-remembered': 'the picture is answered all the same; only `queued` cannot be shown for a moment',
  'api.repeat-not-noted': 'a repeat of the request finds the upload in the bucket',
  'api.watch-ended': 'the page connects anew',
  'audit.not-stored': 'the log lines are the complete record',
  'booking.given-up': 'what one call cost is missing in the spend log; the bill has it',
  'batch.answers-gone': 'the pictures go into another job or by another lane, which costs the calls again',
  'batch.budget': 'the pictures wait for money that others hold or for the next day',
  'batch.cancelled': 'a person or the deadline of the job wants it; its pictures go by another lane',
  'batch.created-twice': 'the second job is cancelled before anybody waits for it',
  'batch.not-announced': 'the sweep finds the picture',
  'batch.not-discarded': 'Google deletes its files after two days; those in the bucket go with its lifecycle',
  'batch.not-looked-up': 'the picture is asked about like any other',
  'batch.not-rung': 'the schedule finds what waits within five minutes',
  'batch.picture-changed': 'its row is refused, and the picture goes by another lane',
  'batch.refused-by-store': 'the image ends as STORE_REFUSED: failures are counted by code',
  'batch.row-refused': 'the picture goes into another job or by another lane',
  'budget.unusable': 'the last good limits hold; the line says which field is wrong',
  'claim.kept': 'the claim expires, and the event is delivered again: event.redeliver is counted',
  'context.refused': 'the pictures are asked about without the cached prompt',
  'control.not-read': 'what was known of the pauses holds on; Firestore being away shows in redeliveries',
  'control.not-shared': 'this instance pauses, others find out for themselves',
  'decisions.not-there':
    'the closed fields are asked of the ladder like the others; npm run pipeline -- doctor says the same',
  'gate.not-asked': 'the picture is asked about without its gate; failures of the model are counted by code',
  'gate.not-there':
    'the profile has a gate, which needs a key of the Gemini API; its pictures are asked about without',
  'estimate.exceeded': 'the budget is settled by what was billed',
  'model.resting': 'a breaker does its work; what it leads to are failures by code',
  'price.assumed': 'the price of the next version is taken; npm run pipeline -- doctor looks at prices',
  'price.warning': 'npm run pipeline -- doctor says the same',
  'profile.kept':
    'what a person pushed stands above what a deployment brings; pipeline profiles list says so',
  'profile.unreadable': 'pictures are asked by the newest version that this revision can read, and say which',
  'profiles.not-read': 'what was known of the profiles holds on; Firestore being away shows in redeliveries',
  'resize.foreign-bucket': 'an event that is not meant for us is left alone',
  'resize.lane-refused': 'the picture goes by the lane of its profile; the uploader reads why in the result',
  'resize.webhook-refused': 'the uploader reads it in the result',
  'sweep.unreadable': 'a document that somebody wrote by hand; the line names it',
  'webhook.not-rung': 'the schedule finds what is owed within a minute',
  'webhook.failed': 'it is tried again; the last attempt is webhook.given-up, which is counted',
  'webhook.odd-message': 'nothing is lost with a message that names nothing',

  // Another signal tells of it.
  'api.failed': 'an answer of 5xx: the alert on the error rate',
  'analyze.refused-by-store': 'the image ends as STORE_REFUSED: failures are counted by code',
  'webhook.broke': 'an answer of 5xx: the alert on the error rate, and the schedule tries again',
};
