import { RequestFailed } from '../server/requests.ts';
import { sendFile } from '../server/send-file.ts';
import { count } from '../wording/wording.ts';
import { announce } from './announcements.ts';
import { listen } from './live.ts';
import { createStore } from './store.ts';

export type UploadState =
  | { kind: 'waiting' }
  | { kind: 'sending'; share: number }
  | { kind: 'accepted'; id: string }
  | { kind: 'failed'; message: string; hint: string };

export interface Upload {
  key: number;
  file: File;
  profile: string;
  state: UploadState;
}

interface Uploads {
  /** Files that have no result yet, newest first. */
  known: readonly Upload[];
  /** Pictures of the files themselves by result, until the prepared ones are there. */
  previews: ReadonlyMap<string, string>;
}

export const uploads = createStore<Uploads>({ known: [], previews: new Map() });

/** Browsers open six connections to one server, and one carries the events. */
const MAX_SENDING = 3;

/** The server asks for a pause when many files are sent at once. */
const TOO_MANY_REQUESTS = 429;
const PAUSE_MS = 2_000;

let lastKey = 0;

/** Results that were announced lately: a result may be quicker than the answer to its upload. */
const lately = new Set<string>();
const MAX_LATELY = 1_000;

/** An upload ends when its result is there. */
export const followUploads = (): (() => void) =>
  listen({
    onChanges: ({ results }) => {
      for (const { id, status, imageUrl } of results) {
        lately.delete(id);
        lately.add(id);
        if (imageUrl || status === 'refused') dropPreview(id);
      }
      for (const id of [...lately].slice(0, Math.max(0, lately.size - MAX_LATELY))) lately.delete(id);
      dropAnswered();
    },
  });

function dropAnswered(): void {
  const isAnswered = ({ state }: Upload) => state.kind === 'accepted' && lately.has(state.id);
  if (uploads.get().known.some(isAnswered))
    uploads.set((state) => ({ ...state, known: state.known.filter((upload) => !isAnswered(upload)) }));
}

/** Puts the files in line; `maxBytes` refuses what the server would refuse after the whole upload. */
export function addFiles(files: readonly File[], profile: string, maxBytes: number | undefined): void {
  const added = files.map((file): Upload => {
    lastKey += 1;
    return { key: lastKey, file, profile, state: stateAtFirst(file, maxBytes) };
  });
  uploads.set((state) => ({ ...state, known: [...added.toReversed(), ...state.known] }));
  announce(added.length === 1 ? `Uploading ${added[0]?.file.name}.` : `Uploading ${added.length} files.`);
  sendNext();
}

export function retryUpload(key: number): void {
  change(key, { kind: 'waiting' });
  sendNext();
}

export const dismissUpload = (key: number): void =>
  uploads.set((state) => ({ ...state, known: state.known.filter((upload) => upload.key !== key) }));

function stateAtFirst(file: File, maxBytes: number | undefined): UploadState {
  if (file.size === 0)
    return { kind: 'failed', message: 'The file is empty.', hint: 'Choose a file that holds a picture.' };
  if (maxBytes !== undefined && file.size > maxBytes) {
    return {
      kind: 'failed',
      message: `The file has ${count(file.size)} bytes; at most ${count(maxBytes)} are accepted.`,
      hint: 'Choose a smaller file.',
    };
  }
  return { kind: 'waiting' };
}

function sendNext(): void {
  const { known } = uploads.get();
  const free = MAX_SENDING - known.filter(({ state }) => state.kind === 'sending').length;
  const next = known.filter(({ state }) => state.kind === 'waiting').toReversed();
  for (const upload of next.slice(0, Math.max(0, free))) void send(upload);
}

async function send({ key, file, profile }: Upload): Promise<void> {
  change(key, { kind: 'sending', share: 0 });
  try {
    const { id } = await sendFile(file, { profile }, (share) => change(key, { kind: 'sending', share }));
    accept(key, id, file);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.status === TOO_MANY_REQUESTS) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      change(key, { kind: 'waiting' });
      return;
    }
    change(key, { kind: 'failed', message: error.message, hint: error.hint });
    announce(`${file.name} was not uploaded. ${error.message} ${error.hint}`);
  } finally {
    sendNext();
  }
}

function accept(key: number, id: string, file: File): void {
  change(key, { kind: 'accepted', id });
  uploads.set((state) => ({
    ...state,
    previews: new Map([...state.previews, [id, URL.createObjectURL(file)]]),
  }));
  dropAnswered();
}

function dropPreview(id: string): void {
  const url = uploads.get().previews.get(id);
  if (url === undefined) return;
  URL.revokeObjectURL(url);
  uploads.set((state) => ({
    ...state,
    previews: new Map([...state.previews].filter(([other]) => other !== id)),
  }));
}

const change = (key: number, to: UploadState): void =>
  uploads.set((state) => ({
    ...state,
    known: state.known.map((upload) => (upload.key === key ? { ...upload, state: to } : upload)),
  }));
