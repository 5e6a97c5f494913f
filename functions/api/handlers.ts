import type { Log } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Message, PubSub } from '../../shared/cloud/pubsub.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { ProfileStore } from '../../shared/profiles/store/profile-store.ts';
import { LabelKeeper } from '../../shared/results/labels/keep.ts';
import { outdatedTrials } from '../../shared/results/outdated-trials.ts';
import type { Control } from '../../shared/results/pauses.ts';
import type { ResultReader } from '../../shared/results/reading.ts';
import type { Recovery } from '../../shared/results/recovery/recovery.ts';
import { Reviews } from '../../shared/results/reviews.ts';
import type { Handlers } from './app.ts';
import { cancelBatch, listBatches, showBatch } from './batch-routes.ts';
import { listDeadLetters, replayDeadLetters } from './dead-letter-routes.ts';
import type { Changes } from './events/changes.ts';
import { streamEvents } from './events/stream.ts';
import { showCost } from './figures/cost.ts';
import { showStats } from './figures/stats.ts';
import { scopesFor, type Visibility } from './http/scope.ts';
import { createUpload } from './images/create-upload.ts';
import { deleteImage } from './images/delete.ts';
import { Gate } from './images/gate.ts';
import { Repeats } from './images/repeats.ts';
import { Submissions } from './images/submissions.ts';
import { submitImages } from './images/submit.ts';
import { deleteProfile } from './profiles/delete-profile.ts';
import { listProfiles } from './profiles/list-profiles.ts';
import { pushProfile } from './profiles/push-profile.ts';
import { rollBackProfile } from './profiles/roll-back.ts';
import { showProfile, showProfileVersion } from './profiles/show-profile.ts';
import { receiveFeedback } from './results/feedback.ts';
import { listResults } from './results/list.ts';
import { showPicture } from './results/picture.ts';
import { replayResult } from './results/replay.ts';
import { passReview, showReviews, takeReview } from './results/review-queue.ts';
import { showResult } from './results/show.ts';
import { Waiters } from './results/waiters.ts';
import { type Deployment, showStatus } from './status.ts';

interface HandlerDependencies {
  buckets: Buckets;
  documents: Documents;
  reader: ResultReader;
  recovery: Recovery;
  changes: Changes;
  control: Control;
  pubsub: PubSub;
  publish: (topic: string, message: Message) => Promise<void>;
  topics: { uploads: string; prepared: string };
  preparedBucket: string;
  /** Labels are kept this many days; 0 keeps them as long as the upload. */
  labelDays: number;
  log: Log;
  status: Deployment;
  visibility: Visibility;
  /** Whether webhooks may lead to this machine. */
  loopback: boolean;
  /** Of places for uploads, streams and waiting requests, one caller may hold this share. */
  greatestShare: number;
  maxUploads: number;
  uploadIdleMs: number;
  heartbeatMs: number;
  maxListeners: number;
  maxWaiters: number;
  figuresCacheMs: number;
  sample: number;
}

/** What answers each operation. */
export function createHandlers(given: HandlerDependencies): Handlers {
  const { buckets, documents, reader, changes, status, visibility } = given;
  const scopeOf = scopesFor(visibility);
  const settings = { delegates: visibility.delegates, loopback: given.loopback };
  const profiles = new ProfileStore(documents, outdatedTrials(documents));
  const deps = { ...given, scopeOf, settings, profiles, reviews: new Reviews(documents) };
  const labels = new LabelKeeper({ buckets, retentionDays: given.labelDays });
  const { uploadsBucket, maxBytes } = status;
  const perCaller = (most: number) => Math.max(1, Math.floor(most * deps.greatestShare));
  const submissions = new Submissions(documents, buckets, uploadsBucket);
  const waiters = new Waiters(changes, { most: deps.maxWaiters, perCaller: perCaller(deps.maxWaiters) });
  const repeats = new Repeats(documents);
  const gate = new Gate({ places: deps.maxUploads, placesPerCaller: perCaller(deps.maxUploads) });
  return {
    submitImages: submitImages({ ...deps, gate, repeats, submissions, uploadsBucket, maxBytes }),
    createUpload: createUpload({ ...deps, submissions, uploadsBucket, maxBytes }),
    deleteImage: deleteImage({ ...deps, submissions }),
    listResults: listResults({ reader, scopeOf }),
    showResult: showResult({ reader, scopeOf, submissions, waiters }),
    showPicture: showPicture({ reader, scopeOf, buckets }),
    giveFeedback: receiveFeedback({ ...deps, labels }),
    showReviews: showReviews(deps),
    takeReview: takeReview(deps),
    passReview: passReview(deps),
    replayResult: replayResult(deps),
    listDeadLetters: listDeadLetters(deps),
    replayDeadLetters: replayDeadLetters(deps),
    streamEvents: streamEvents({ ...deps, listenersPerCaller: perCaller(deps.maxListeners) }),
    listProfiles: listProfiles({ ...deps, cacheMs: deps.figuresCacheMs }),
    showProfile: showProfile(deps),
    showProfileVersion: showProfileVersion(deps),
    pushProfile: pushProfile(deps),
    rollBackProfile: rollBackProfile(deps),
    deleteProfile: deleteProfile(deps),
    listBatches: listBatches(deps),
    showBatch: showBatch(deps),
    cancelBatch: cancelBatch(deps),
    showStats: showStats({ ...deps, cacheMs: deps.figuresCacheMs }),
    showCost: showCost({ documents, scopeOf, cacheMs: deps.figuresCacheMs }),
    showStatus: showStatus(status, visibility),
  };
}
