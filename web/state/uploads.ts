import { count } from '../results/wording.ts';
import { RequestFailed } from '../server/requests.ts';
import { sendFile } from '../server/send-file.ts';
import { announce } from './announcements.ts';
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
  /** A picture of the file itself, until the prepared one is there. */
  previewUrl: string;
  startedAt: number;
  state: UploadState;
}

export const uploads = createStore<readonly Upload[]>([]);

/** Browsers open six connections to one server, and one carries the events. */
const MAX_SENDING = 3;

let lastKey = 0;

/** Puts the files in line; `maxBytes` refuses what the server would refuse after the whole upload. */
export function addFiles(files: readonly File[], profile: string, maxBytes: number | undefined): void {
  const added = files.map((file): Upload => {
    lastKey += 1;
    return {
      key: lastKey,
      file,
      profile,
      previewUrl: URL.createObjectURL(file),
      startedAt: Date.now(),
      state: stateAtFirst(file, maxBytes),
    };
  });
  uploads.set((known) => [...added.toReversed(), ...known]);
  announce(added.length === 1 ? `Uploading ${added[0]?.file.name}.` : `Uploading ${added.length} files.`);
  sendNext();
}

export function retryUpload(key: number): void {
  change(key, { kind: 'waiting' });
  sendNext();
}

export function dismissUpload(key: number): void {
  const gone = uploads.get().find((upload) => upload.key === key);
  if (gone) URL.revokeObjectURL(gone.previewUrl);
  uploads.set((known) => known.filter((upload) => upload.key !== key));
}

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
  const known = uploads.get();
  const free = MAX_SENDING - known.filter(({ state }) => state.kind === 'sending').length;
  const next = known.filter(({ state }) => state.kind === 'waiting').toReversed();
  for (const upload of next.slice(0, Math.max(0, free))) void send(upload);
}

async function send({ key, file, profile }: Upload): Promise<void> {
  change(key, { kind: 'sending', share: 0 });
  try {
    const { id } = await sendFile(file, profile, (share) => change(key, { kind: 'sending', share }));
    change(key, { kind: 'accepted', id });
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    change(key, { kind: 'failed', message: error.message, hint: error.hint });
    announce(`${file.name} was not uploaded. ${error.message} ${error.hint}`);
  } finally {
    sendNext();
  }
}

const change = (key: number, state: UploadState): void =>
  uploads.set((known) => known.map((upload) => (upload.key === key ? { ...upload, state } : upload)));
