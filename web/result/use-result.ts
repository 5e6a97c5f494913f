import { useEffect, useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/api/result.ts';
import { find } from '../list/chunks.ts';
import { list } from '../list/list.ts';
import { getResult, RequestFailed } from '../server/requests.ts';
import { listen } from '../state/live.ts';
import { fileNameOf } from '../wording/wording.ts';

export type Opened =
  | { kind: 'loading' }
  | { kind: 'there'; result: ResultView }
  /** Uploaded, and nothing has looked at it yet. */
  | { kind: 'pending'; name: string }
  /** Deleted while it was open. */
  | { kind: 'deleted'; name: string }
  | { kind: 'gone' }
  | { kind: 'failed'; problem: RequestFailed };

const NOT_FOUND = 404;

/** The result of that id, as it is at any moment while the component lives. */
export function useResult(id: string): Opened {
  const [opened, setOpened] = useState<Opened>(() => {
    const result = find(list.get().chunks, id);
    return result ? { kind: 'there', result } : { kind: 'loading' };
  });

  useEffect(() => {
    let isOpen = true;
    const show = (result: ResultView) =>
      setOpened((known) =>
        known.kind === 'there' && known.result.updatedAt > result.updatedAt
          ? known
          : { kind: 'there', result },
      );
    const read = async () => {
      const next = await readResult(id);
      if (!isOpen) return;
      if (next.kind === 'there') show(next.result);
      else setOpened((known) => (isWorthMore(known, next) ? known : next));
    };
    const end = listen({
      onReady: () => void read(),
      onChanges: ({ results, deleted }) => {
        for (const result of results) if (result.id === id) show(result);
        if (deleted.includes(id)) setOpened(withoutResult);
      },
    });
    void read();
    return () => {
      isOpen = false;
      end();
    };
  }, [id]);

  return opened;
}

/** What is on the page already is worth more than the news that the server is away, or that what was deleted is not there. */
const isWorthMore = (known: Opened, next: Opened): boolean =>
  (known.kind === 'there' && next.kind === 'failed') || (known.kind === 'deleted' && next.kind !== 'there');

function withoutResult(known: Opened): Opened {
  switch (known.kind) {
    case 'there':
      return { kind: 'deleted', name: fileNameOf(known.result) };
    case 'pending':
    case 'deleted':
      return { kind: 'deleted', name: known.name };
    default:
      return { kind: 'gone' };
  }
}

async function readResult(id: string): Promise<Opened> {
  try {
    const result = await getResult(id);
    return result.stage === 'uploaded' ? { kind: 'pending', name: result.name } : { kind: 'there', result };
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return error.status === NOT_FOUND ? { kind: 'gone' } : { kind: 'failed', problem: error };
  }
}
