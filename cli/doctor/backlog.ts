import { z } from 'zod';
import { formatDuration, plural } from '../text/units.ts';
import { type Finding, ok, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import { FEEDS, type Names } from './names.ts';

const series = z.looseObject({
  resource: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }).optional(),
  points: z
    .array(
      z.looseObject({
        value: z.looseObject({
          int64Value: z.coerce.number().optional(),
          doubleValue: z.number().optional(),
        }),
      }),
    )
    .default([]),
});

/** As the alert in terraform/modules/pipeline/alerts.tf. */
const WAITING_TOO_LONG_SECONDS = 1_800;
/** Points come every minute and a few minutes late. */
const WINDOW_MS = 600_000;

/** What waits: dead letters, and messages that are delivered again and again. */
export async function examineBacklog(api: GoogleApi, names: Names, nowMs: number): Promise<Finding[]> {
  const [undelivered, oldest] = await Promise.all([
    lookAt(api, names, 'num_undelivered_messages', nowMs),
    lookAt(api, names, 'oldest_unacked_message_age', nowMs),
  ]);
  if (undelivered.state !== 'found' || oldest.state !== 'found') {
    const looked = undelivered.state === 'unseen' ? undelivered : oldest;
    return looked.state === 'unseen' ? [unseenOf('what waits in the subscriptions', looked)] : [];
  }
  const findings = FEEDS.flatMap((feed) => {
    const dead = undelivered.value.get(names.deadLetters(feed)) ?? 0;
    const age = oldest.value.get(names.topic(feed)) ?? 0;
    return [
      ...(dead > 0
        ? [
            warning(
              `${plural(dead, 'message')} could not be delivered to ${names.service(feed.fn)}.`,
              `npx pipeline dead-letters --project ${names.project} --bucket ${names.bucket('uploads')} --database ${names.database}`,
            ),
          ]
        : []),
      ...(age > WAITING_TOO_LONG_SECONDS
        ? [
            warning(
              `A message for ${names.service(feed.fn)} waits for ${formatDuration(age * 1000)}.`,
              `gcloud run services logs read ${names.service(feed.fn)} --limit=50 --region=${names.region} --project=${names.project}`,
            ),
          ]
        : []),
    ];
  });
  return findings.length > 0 ? findings : [ok('Nothing waits for long, and there are no dead letters.')];
}

/** The newest value by subscription. */
async function lookAt(
  api: GoogleApi,
  { project, name }: Names,
  metric: string,
  nowMs: number,
): Promise<Looked<ReadonlyMap<string, number>>> {
  const filter = `metric.type="pubsub.googleapis.com/subscription/${metric}" AND resource.labels.subscription_id=starts_with("${name}-")`;
  const query = new URLSearchParams({
    filter,
    'interval.startTime': new Date(nowMs - WINDOW_MS).toISOString(),
    'interval.endTime': new Date(nowMs).toISOString(),
  });
  const looked = await api.list(
    `https://monitoring.googleapis.com/v3/projects/${project}/timeSeries?${query}`,
    'timeSeries',
    series,
  );
  if (looked.state !== 'found') return looked;
  return {
    state: 'found',
    value: new Map(
      looked.value.map(({ resource, points: [newest] }) => [
        resource?.labels['subscription_id'] ?? '',
        newest?.value.int64Value ?? newest?.value.doubleValue ?? 0,
      ]),
    ),
  };
}
