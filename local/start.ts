import { join, resolve } from 'node:path';
import { allOptionShapes } from '../build/option-shapes.ts';
import { buildWeb } from '../build/web.ts';
import { Documents } from '../shared/cloud/firestore/documents.ts';
import { ProfileStore } from '../shared/profiles/store/profile-store.ts';
import { type LocalCloud, startLocalCloud } from './cloud.ts';
import { endpointsOf, writeEndpoints } from './endpoints.ts';
import { greeting, takenPorts } from './greeting.ts';
import { acquireInstanceLock } from './instance-lock.ts';
import { logFiles } from './log-files.ts';
import { storeSavedProfiles } from './profiles.ts';
import type { Settings } from './settings.ts';
import { PROJECT } from './topology.ts';
import { givenVariables } from './variables/given.ts';

/** Starts the whole pipeline on this machine and tells `say` what it is at. `parentPid`: of the npm script around it. */
export async function start(settings: Settings, parentPid: number, say: Say): Promise<void> {
  const dataDir = resolve(settings.dataDir);
  const given = givenVariables(process.env, await allOptionShapes());
  const lock = await acquireInstanceLock(dataDir, `http://127.0.0.1:${settings.ports.api}`);
  const taken = await takenPorts(settings.ports);
  if (taken.length > 0) {
    await lock.release();
    throw new Error(
      `Port ${taken.join(', ')} of this machine is in use by another program. Choose others: npm start -- --port 9000`,
    );
  }
  say('building the page');
  const webDir = join(dataDir, 'web');
  await buildWeb(webDir);
  say('starting Cloud Storage, Firestore, Pub/Sub, the model and the functions');
  const cloud = await startLocalCloud({
    dataDir,
    ports: settings.ports,
    webDir,
    model: settings.geminiApiKey
      ? { kind: 'google', apiKey: settings.geminiApiKey }
      : { kind: 'simulator', reader: 'local', keys: settings.simulatorKeys },
    fallback: settings.fallback,
    // Reading costs nothing here: what is saved is asked of the next picture.
    env: { PROFILES_CACHE_MS: '0' },
    functionEnv: given.functionEnv,
    onLog: logFiles(join(dataDir, 'logs'), console.error),
  });
  await writeEndpoints(dataDir, endpointsOf(cloud));
  console.log(greeting(cloud, settings, given, Math.round(performance.now())));
  // This machine has no metadata server: a client of ours would look for it, and complain.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  const documents = new Documents({ projectId: PROJECT, emulatorHost: cloud.firestore.host });
  await storeSavedProfiles(new ProfileStore(documents), console.log);
  stopOnSignal(cloud, () => lock.release(), parentPid);
}

export type Say = (step: string) => void;

function stopOnSignal(cloud: LocalCloud, release: () => Promise<void>, parentPid: number): void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    void cloud
      .close()
      .then(release)
      .finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  // Outside an npm script a parent may end while its child is meant to go on.
  if (process.env['npm_lifecycle_event'] !== undefined) whenParentEnds(parentPid, stop);
}

const LOOK_EVERY_MS = 500;

/** npm passes SIGTERM on to the shell between it and us, and that shell ends without a word to us. */
function whenParentEnds(parentPid: number, stop: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(timer);
    stop();
  }, LOOK_EVERY_MS);
  timer.unref();
}
