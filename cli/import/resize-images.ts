import { changed, dropped, kept, location, type Rules, unless, without } from './plan.ts';

/** Pictures smaller than this are too coarse for a model to read labels and text in them. Pixels. */
const MIN_READABLE_SIDE = 1_024;
const MAX_SIDE = 3_072;

/** Memory of resize-image unless stated otherwise, as in terraform/modules/pipeline/variables_stages.tf. */
const DEFAULT_MEMORY_MB = 2_048;

const THUMBNAILS =
  'The pipeline makes one picture for the model, not thumbnails. Let a CDN or <img srcset> of your app scale.';

/** Settings of "Resize Images" (storage-resize-images), as its extension.yaml and its params file name them. */
export const RESIZE_IMAGES: Rules = {
  LOCATION: location,
  IMG_BUCKET: (value) =>
    changed(
      `Uploads go to a bucket of the pipeline's own. For what is in ${value} already: gcloud storage cp -r "gs://${value}/*" gs://<uploads bucket>/<profile>/`,
    ),
  IMG_SIZES: (value, plan) => {
    const largest = Math.max(...value.split(/[x,]/i).map(Number).filter(Number.isFinite), 0);
    plan.maxSide = Math.min(MAX_SIDE, Math.max(MIN_READABLE_SIDE, largest));
    return changed(`maxSide: ${plan.maxSide} in the profile. ${THUMBNAILS}`);
  },
  DELETE_ORIGINAL_FILE: unless(['false'], (_value, plan) => {
    plan.uploadsRetentionDays = 1;
    return changed(
      'retention_days = { uploads = 1 } and delete_with_upload = false: originals go after a day, so that a failed picture can still be replayed, and results stay.',
    );
  }),
  MAKE_PUBLIC: unless(
    ['false'],
    without('Buckets are private. Pictures are read through the api function or by signed addresses.'),
  ),
  RESIZED_IMAGES_PATH: without(
    'Prepared pictures have a bucket of their own, as <id>/<generation>.jpg; the result names it in `prepared`.',
  ),
  INCLUDE_PATH_LIST: (value) =>
    changed(`Everything in the uploads bucket is worked on. Send only what was under ${value} there.`),
  EXCLUDE_PATH_LIST: (value) =>
    changed(`Everything in the uploads bucket is worked on. Keep what is under ${value} in another bucket.`),
  FAILED_IMAGES_PATH: without(
    'A failed picture stays where it is and its result says why: pipeline results --status failed',
  ),
  CACHE_CONTROL_HEADER: without(
    'Prepared pictures never change under their name; the api function says so itself.',
  ),
  IMAGE_TYPE: unless(['jpeg'], without('Models read JPEG, so prepared pictures are always JPEG.')),
  OUTPUT_OPTIONS: unless(
    ['{}'],
    without('The quality is 85 for every picture: more costs bytes and reads no better.'),
  ),
  SHARP_OPTIONS: unless(
    ['{}'],
    without('How pictures are decoded is fixed: cut-off ones are refused, not half stored.'),
  ),
  IS_ANIMATED: without('Of an animation the first frame is read.'),
  FUNCTION_MEMORY: (value, plan) => {
    const mb = Number(value);
    if (!(mb > DEFAULT_MEMORY_MB))
      return kept(`The ${DEFAULT_MEMORY_MB} MB that resize-image has by default are no less than ${value}.`);
    plan.resizeMemoryMb = mb;
    return kept(`resize = { memory_mb = ${mb} }`);
  },
  REGENERATE_TOKEN: without('There are no download tokens.'),
  CONTENT_FILTER_LEVEL: unless(['OFF'], () =>
    changed(
      'Use the profile moderation: upload under moderation/ and let your app decide by the severities.',
    ),
  ),
  CUSTOM_FILTER_PROMPT: (value, plan) => {
    plan.prompt ??= value;
    plan.isFilter ??= true;
    return changed('The question of the profile; its answer is { passes, reason, confidence }.');
  },
  PLACEHOLDER_IMAGE_PATH: without(
    'Nothing is put in the place of a picture: show your own placeholder when `passes` is false or the status is refused.',
  ),
  DO_BACKFILL: unless(['false'], () =>
    changed('Copy the pictures into the uploads bucket: each copy is worked on like a new upload.'),
  ),
  EVENTARC_CHANNEL: without('Listen to the documents in `results` (onSnapshot) instead of custom events.'),
  ALLOWED_EVENT_TYPES: without('See EVENTARC_CHANNEL.'),
};

export const isResizeImages = (names: ReadonlySet<string>): boolean =>
  names.has('IMG_SIZES') || names.has('IMG_BUCKET');

/** Used by both extensions for parameters of the platform, such as `firebaseextensions.v1beta.function/location`. */
export function platformRule(name: string): Rules[string] | undefined {
  if (!name.startsWith('firebaseextensions.')) return undefined;
  if (name.endsWith('/location')) return location;
  if (name.endsWith('/memory')) return RESIZE_IMAGES['FUNCTION_MEMORY'];
  return () => dropped('Timeouts, instances and network are set per function in terraform.tfvars.');
}
