import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProfileChanged, ProfileDetails } from '../../shared/results/api/profile-views.ts';
import { checkProfile, getProfile, pushProfile, RequestFailed } from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { readService } from '../state/service.ts';
import { useAttempt } from '../state/use-attempt.ts';

/** Typing goes on for a moment: the server is asked about what it comes to. Milliseconds. */
const PAUSE_MS = 350;

export interface Draft {
  /** Undefined until it was read; an empty one for a profile that nobody has stored. */
  details: ProfileDetails | undefined;
  text: string;
  isChanged: boolean;
  /** What saving the text would come to, as the server says. */
  outcome: ProfileChanged | undefined;
  problem: RequestFailed | undefined;
  isBusy: boolean;
  edit(text: string): void;
  /** Back to the active version. */
  discard(): void;
  save(): Promise<void>;
  /** Stores the text as a version that is not active, to be tried; its number. */
  keep(): Promise<number | undefined>;
  /** After something else changed the profile. */
  reload(): Promise<void>;
}

const NOT_FOUND = 404;

/** A profile's file while it is edited. `initial` is the text of one that is not stored yet. */
export function useDraft(name: string, initial: string): Draft {
  const [details, setDetails] = useState<ProfileDetails>();
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<ProfileChanged>();
  const { attempt, isBusy, problem, setProblem } = useAttempt();
  const stored = details?.active?.text ?? '';
  const isChanged = details !== undefined && text !== stored;
  const latest = useRef(text);
  latest.current = text;

  const reload = async (): Promise<void> => {
    const read = await attempt(() => readDetails(name));
    if (!read) return;
    setDetails(read);
    setText(read.active?.text ?? initial);
  };
  useEffect(() => void reload(), [name]);

  useEffect(() => {
    if (!isChanged) {
      setOutcome(undefined);
      return;
    }
    const ending = new AbortController();
    const timer = setTimeout(() => {
      checkProfile(name, text, ending.signal).then(setOutcome, (error: unknown) => {
        if (ending.signal.aborted) return;
        if (!(error instanceof RequestFailed)) throw error;
        setProblem(error);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [name, text, isChanged]);

  const basedOn = details?.active?.version ?? null;
  const save = async (): Promise<void> => {
    const saved = await attempt(() => pushProfile(name, { text, basedOn }));
    if (!saved) return;
    announce(`${name} is asked by version ${saved.version} from now on.`);
    await Promise.all([reload(), readService()]);
  };
  const keep = async (): Promise<number | undefined> => {
    if (!isChanged) return details?.active?.version;
    const kept = await attempt(() => pushProfile(name, { text: latest.current, activate: false }));
    if (!kept) return undefined;
    // It is in the history from now on; the text that is being edited stays.
    await attempt(async () => setDetails(await readDetails(name)));
    return kept.version ?? undefined;
  };
  return {
    ...{ details, text, isChanged, outcome, problem, isBusy },
    edit: setText,
    discard: () => setText(stored),
    ...{ save, keep, reload },
  };
}

async function readDetails(name: string): Promise<ProfileDetails> {
  try {
    return await getProfile(name);
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== NOT_FOUND) throw error;
    return { name, isDefault: false, active: null, versions: [], changes: [] };
  }
}
