import { connect } from 'node:net';
import { z } from 'zod';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { error, type Finding, orAllWell, RESTART } from './finding.ts';
import type { LocalExamination } from './local-examination.ts';

const PROBE_MS = 3_000;

const subscriptions = z.looseObject({
  subscriptions: z
    .array(
      z.looseObject({
        name: z.string(),
        pushConfig: z.looseObject({ pushEndpoint: z.string().optional() }).optional(),
      }),
    )
    .default([]),
});

/** Whether every server and function of the local cloud answers. */
export async function examineServers({ target, env }: LocalExamination): Promise<Finding[]> {
  const pubsub = `http://${env['PUBSUB_EMULATOR_HOST']}`;
  const project = env['GOOGLE_CLOUD_PROJECT'] ?? 'local';
  const listing = await answer(`${pubsub}/v1/projects/${project}/subscriptions`);
  const parsed = subscriptions.safeParse(listing && (await listing.json().catch(() => undefined)));
  const functions = (parsed.success ? parsed.data.subscriptions : []).flatMap(({ name, pushConfig }) =>
    pushConfig?.pushEndpoint ? [[name.split('/').at(-1) ?? name, pushConfig.pushEndpoint] as const] : [],
  );
  const servers: (readonly [name: string, url: string])[] = [
    ['Cloud Storage', `${env['STORAGE_EMULATOR_HOST']}/storage/v1/b/${target.uploadsBucket}`],
    ['Firestore', `http://${env['FIRESTORE_EMULATOR_HOST']}/`],
    ['Pub/Sub', `${pubsub}/v1/projects/${project}/topics`],
    // The functions framework answers these without calling the function.
    ...functions.map(([name, url]) => [name, new URL('/robots.txt', url).href] as const),
    ...(target.page === undefined ? [] : [['the page', `${target.page}/v1/status`] as const]),
  ];
  const reached = await Promise.all(
    servers.map(async ([name, url]) => ({ name, url, up: await isUp(name, url) })),
  );
  return orAllWell(
    reached
      .filter(({ up }) => !up)
      .map(({ name, url }) => error(`${name} does not answer (${new URL(url).host}).`, RESTART)),
    `All ${servers.length} answer: ${servers.map(([name]) => name).join(', ')}.`,
  );
}

/** Firestore speaks HTTP/2 alone: an open port is its answer. */
const isUp = async (name: string, url: string): Promise<boolean> =>
  name === 'Firestore' ? isOpen(new URL(url)) : (await answer(url)) !== undefined;

const isOpen = ({ hostname, port }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const settle = (open: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(open);
    };
    const timer = setTimeout(() => settle(false), PROBE_MS);
    socket.on('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });

/** Undefined when nobody answers in time; whatever is answered shows that somebody is there. */
const answer = (url: string): Promise<Response | undefined> =>
  withDeadline(PROBE_MS, undefined, (signal) => fetch(url, { signal })).catch(() => undefined);
