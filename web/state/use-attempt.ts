import { useCallback, useState } from 'preact/hooks';
import { RequestFailed } from '../server/requests.ts';

/** Work that the service may refuse: whether it is under way, and why the last one was refused. */
export function useAttempt() {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<RequestFailed>();
  /** Undefined where the service refused. */
  const attempt = useCallback(async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setProblem(error);
      return undefined;
    } finally {
      setIsBusy(false);
    }
  }, []);
  return { attempt, isBusy, problem, setProblem };
}
