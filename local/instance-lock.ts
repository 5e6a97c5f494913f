import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

export interface InstanceLock {
  /** Tells the second one where this instance is to be found, e.g. the URL of its console. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/** What the lock file says. */
interface Holder {
  id: string;
  pid: number;
  /** 127.0.0.1 port on which the holder answers with its id as long as it lives. */
  probePort: number;
  /** Of the machine's start; absent where the system does not tell. */
  bootId?: string;
  address?: string;
  released?: boolean;
}

export class InstanceRunningError extends Error {
  override readonly name = 'InstanceRunningError';
  readonly pid: number;
  readonly address: string | undefined;

  constructor(dir: string, { pid, address }: Holder) {
    const where = address === undefined ? '' : ` at ${address}`;
    super(
      `Another instance (process ${pid}) is running${where} and uses ${dir}. ` +
        'Use that one, stop it first, or choose another folder for this one.',
    );
    this.pid = pid;
    this.address = address;
  }
}

const PROBE_MS = 2_000;
const RETRY_MS = 50;
const PATIENCE = 20;

/**
 * Makes this process the only one that works on `dir`. Throws `InstanceRunningError` when another one does; the lock
 * of a process that was killed is taken over. A process id alone proves nothing, the system uses it again: the holder
 * proves itself by answering on its probe port, which dies with it. Nobody who held it before the machine started still
 * does, and who keeps silent on that port (another program may have got it) is the holder only if its process lives.
 *
 * The lock is the file `instance-<n>.lock` with the highest n. It is passed on by creating n + 1, which succeeds for
 * one process only, and never by removing n: between looking and removing, n could have become somebody else's.
 */
export const acquireInstanceLock = async (dir: string, address?: string): Promise<InstanceLock> => {
  await makeFolder(dir);
  const id = randomUUID();
  const probe = await answerProbes(id);
  const { port: probePort } = probe.address() as AddressInfo;
  const holder: Holder = {
    id,
    pid: process.pid,
    probePort,
    ...(await ofThisBoot()),
    ...(address === undefined ? {} : { address }),
  };
  try {
    const path = await take(dir, holder);
    return {
      announce: (announced) => replace(path, { ...holder, address: announced }),
      release: async () => {
        await replace(path, { ...holder, released: true });
        probe.close();
      },
    };
  } catch (error) {
    probe.close();
    throw error;
  }
};

const take = async (dir: string, holder: Holder): Promise<string> => {
  let unreadable = 0;
  for (;;) {
    const newest = await newestGeneration(dir);
    const found = newest === 0 ? undefined : await readHolder(lockPath(dir, newest));
    if (found !== undefined && (await isAlive(found))) throw new InstanceRunningError(dir, found);
    // Somebody may just be writing it. Only what stays unreadable is the trace of a crash.
    if (newest > 0 && found === undefined && unreadable++ < PATIENCE) {
      await pause(RETRY_MS);
      continue;
    }
    const path = lockPath(dir, newest + 1);
    if (!(await create(path, holder))) continue;
    if ((await newestGeneration(dir)) !== newest + 1) continue;
    await rm(lockPath(dir, newest), { force: true });
    return path;
  }
};

const lockPath = (dir: string, generation: number): string => join(dir, `instance-${generation}.lock`);

/** 0 when there has never been a lock. */
const newestGeneration = async (dir: string): Promise<number> =>
  Math.max(0, ...(await readdir(dir)).map((file) => Number(/^instance-(\d+)\.lock$/.exec(file)?.[1] ?? 0)));

/** Atomic: of several that try, one succeeds. */
const create = async (path: string, holder: Holder): Promise<boolean> => {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const replace = async (path: string, holder: Holder): Promise<void> => {
  await writeFile(`${path}.new`, JSON.stringify(holder));
  await rename(`${path}.new`, path);
};

const readHolder = async (path: string): Promise<Holder | undefined> => {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    const complete = [holder.id, holder.pid, holder.probePort].every((field) => field !== undefined);
    return complete ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
};

const answerProbes = async (id: string): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on('error', () => {}).end(id);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  // The lock alone must not keep a finished process running.
  return server.unref();
};

/** Linux names each start of the machine. */
const ofThisBoot = async (): Promise<Pick<Holder, 'bootId'>> => {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return bootId === '' ? {} : { bootId: bootId.trim() };
};

const isAlive = async (holder: Holder): Promise<boolean> => {
  const { bootId = holder.bootId } = await ofThisBoot();
  if (holder.released || bootId !== holder.bootId) return false;
  const said = await heardFrom(holder);
  return said === 'silence' ? processLives(holder.pid) : said === holder.id;
};

/** What answers on the probe port; a holder that is too busy to answer in time still has it open. */
const heardFrom = ({ probePort }: Holder): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect(probePort, '127.0.0.1');
    const settle = (heard: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(() => settle('silence'), PROBE_MS);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      said += text;
    });
    socket.on('end', () => settle(said));
    socket.on('error', () => settle('nobody'));
  });

const processLives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
