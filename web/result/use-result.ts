import { useEffect, useState } from 'preact/hooks';
import type { ResultView } from '../../shared/results/view.ts';
import { find } from '../list/chunks.ts';
import { list } from '../list/list.ts';
import { getResult, RequestFailed } from '../server/requests.ts';
import { listen } from '../state/live.ts';

export type Opened =
  | { kind: 'loading' }
  | { kind: 'there'; result: ResultView }
  /** Uploaded, and nothing has looked at it yet. */
  | { kind: 'pending'; name: string }
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
      // What is on the page already is worth more than the news that the server is away.
      else setOpened((known) => (next.kind === 'failed' && known.kind === 'there' ? known : next));
    };
    const end = listen({
      onReady: () => void read(),
      onChanges: ({ results, deleted }) => {
        for (const result of results) if (result.id === id) show(result);
        if (deleted.includes(id)) setOpened({ kind: 'gone' });
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

async function readResult(id: string): Promise<Opened> {
  try {
    const result = await getResult(id);
    return result.stage === 'uploaded' ? { kind: 'pending', name: result.name } : { kind: 'there', result };
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return error.status === NOT_FOUND ? { kind: 'gone' } : { kind: 'failed', problem: error };
  }
}
