import { z } from 'zod';
import { APPLY, broken, error, type Finding, orAllWell, type Rule, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { FEEDS, type Names } from './names.ts';

const notification = z.looseObject({
  id: z.string().default(''),
  topic: z.string(),
  event_types: z.array(z.string()).optional(),
  payload_format: z.string().optional(),
  object_name_prefix: z.string().optional(),
});

type Notification = z.infer<typeof notification>;

const FINALIZED = 'OBJECT_FINALIZE';
/** In a bucket with versions a deletion archives. */
const DELETED = ['OBJECT_ARCHIVE', 'OBJECT_DELETE'];

/** What the buckets announce, and on which topic. */
export async function examineNotifications(api: GoogleApi, names: Names): Promise<Finding[]> {
  const findings = await Promise.all(
    (['uploads', 'prepared'] as const).map(async (bucket) => {
      const url = `gs://${names.bucket(bucket)}`;
      const looked = await api.list(
        `https://storage.googleapis.com/storage/v1/b/${names.bucket(bucket)}/notificationConfigs`,
        'items',
        notification,
      );
      // The bucket itself is missing, which is said elsewhere.
      if (looked.state === 'missing') return [];
      if (looked.state === 'unseen') return [unseenOf(`the notifications of ${url}`, looked)];
      return orAllWell(
        rulesOf(names, bucket, looked.value),
        `${url} announces its objects on the topic ${names.topic({ topic: bucket })}.`,
      );
    }),
  );
  return findings.flat();
}

function rulesOf(
  names: Names,
  bucket: 'uploads' | 'prepared',
  notifications: readonly Notification[],
): Finding[] {
  const url = `gs://${names.bucket(bucket)}`;
  const topic = names.topic({ topic: bucket });
  const path = `projects/${names.project}/topics/${topic}`;
  const own = notifications.filter((one) => one.topic.endsWith(`/${path}`));
  const finalizing = own.filter((one) => announces(one, FINALIZED));
  const [first] = finalizing;
  return broken([
    {
      holds: first !== undefined,
      otherwise: error(`${url} announces new objects to nobody: pictures are not seen.`, APPLY),
    },
    {
      holds: finalizing.length < 2,
      otherwise: warning(
        `${url} announces each new object ${finalizing.length} times: every picture is delivered as often.`,
        finalizing
          .slice(1)
          .map((one) => remove(url, one))
          .join(' && '),
      ),
    },
    ...(first ? detailsOf(url, bucket, first, own) : []),
    ...loops(names, bucket, notifications),
  ]);
}

const announces = ({ event_types }: Notification, type: string): boolean =>
  event_types === undefined || event_types.length === 0 || event_types.includes(type);

const remove = (url: string, { id }: Notification): string =>
  `gcloud storage buckets notifications delete projects/_/buckets/${url.replace('gs://', '')}/notificationConfigs/${id}`;

function detailsOf(
  url: string,
  bucket: 'uploads' | 'prepared',
  first: Notification,
  own: readonly Notification[],
): Rule[] {
  const again = `${remove(url, first)} && ${APPLY}`;
  return [
    {
      holds: first.payload_format === 'JSON_API_V1',
      otherwise: error(`The notification of ${url} does not carry the object (payload_format NONE).`, again),
    },
    {
      holds: first.object_name_prefix === undefined || first.object_name_prefix === '',
      otherwise: warning(
        `The notification of ${url} passes over what does not begin with ${first.object_name_prefix}.`,
        again,
      ),
    },
    {
      holds: bucket !== 'uploads' || DELETED.some((type) => own.some((one) => announces(one, type))),
      otherwise: warning(`${url} does not announce deletions: results outlive their uploads.`, again),
    },
  ];
}

/** A bucket that announces on another stage's topic feeds the pipeline its own products. */
const loops = (names: Names, bucket: string, notifications: readonly Notification[]): Rule[] =>
  FEEDS.filter(({ topic }) => topic !== bucket).flatMap((feed) =>
    notifications
      .filter((one) => one.topic.endsWith(`/projects/${names.project}/topics/${names.topic(feed)}`))
      .map((one) => ({
        holds: false,
        otherwise: error(
          `gs://${names.bucket(bucket as 'uploads')} announces on the topic ${names.topic(feed)}, which is another stage's: pictures run in circles.`,
          remove(`gs://${names.bucket(bucket as 'uploads')}`, one),
        ),
      })),
  );
