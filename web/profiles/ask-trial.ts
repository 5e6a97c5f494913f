import type { ResultView } from '../../shared/results/api/result.ts';
import { failureFrom, getResult, RequestFailed, UNREACHABLE } from '../server/requests.ts';
import { sendFile } from '../server/send-file.ts';
import { listen } from '../state/live.ts';
import { fileNameOf } from '../wording/wording.ts';

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'refused', 'parked']);
const PATIENCE_MS = 120_000;

/** Uploads the picture to be asked by that version and resolves when it has ended. */
export async function askTrial(file: File, profile: string, profileVersion: number): Promise<ResultView> {
  const { id } = await sendFile(file, { profile, profileVersion: String(profileVersion), refresh: 'true' });
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      end();
      clearTimeout(timer);
      act();
    };
    const look = (result: ResultView) => {
      if (ENDED.has(result.status)) finish(() => resolve(result));
    };
    const end = listen({
      onChanges: ({ results }) => {
        for (const result of results) if (result.id === id) look(result);
      },
    });
    const timer = setTimeout(
      () =>
        finish(() =>
          reject(
            new RequestFailed(
              'There is no answer after two minutes.',
              'It will be in the list of results.',
              0,
            ),
          ),
        ),
      PATIENCE_MS,
    );
    // It may have ended before anybody listened.
    getResult(id).then(
      (result) => {
        if (result.stage !== 'uploaded') look(result);
      },
      () => undefined,
    );
  });
}

/** The prepared picture of a result that is stored, as a file to be asked about again. */
export async function pictureOf(result: ResultView): Promise<File> {
  const response = await fetch(result.imageUrl ?? '').catch(() => {
    throw UNREACHABLE;
  });
  if (!response.ok) throw failureFrom(response.status, await response.text());
  const stem = fileNameOf(result).replace(/\.[a-z0-9]+$/i, '');
  return new File([await response.blob()], `${stem}.jpg`, { type: 'image/jpeg' });
}
