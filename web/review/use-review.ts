import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FeedbackRequest } from '../../shared/results/api/requests.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import {
  countReviews,
  giveFeedback,
  passReview,
  type RequestFailed,
  takeReview,
} from '../server/requests.ts';
import { announce } from '../state/announcements.ts';
import { useAttempt } from '../state/use-attempt.ts';
import { fileNameOf } from '../wording/wording.ts';

export interface Review {
  /** What is looked at; null: nothing waits; undefined: it is being fetched. */
  result: ResultView | null | undefined;
  wanted: number | undefined;
  problem: RequestFailed | undefined;
  isBusy: boolean;
  /** Whether there is one to go back to. */
  canUndo: boolean;
  judge(feedback: FeedbackRequest): void;
  skip(): void;
  /** Back to the one that was judged last; the last word counts. */
  undo(): void;
  /** Looks whether something waits by now. */
  look(): void;
}

/** One answer after the other, for as long as the view is open. `profile`: only answers of that one. */
export function useReview(profile: string): Review {
  const [result, setResult] = useState<ResultView | null>();
  const [wanted, setWanted] = useState<number>();
  const [judged, setJudged] = useState<readonly ResultView[]>([]);
  const { attempt, isBusy, problem } = useAttempt();
  const held = useRef<string | undefined>(undefined);

  const fetchNext = useCallback(async () => {
    const turn = await takeReview(profile);
    held.current = turn?.result.id;
    setResult(turn?.result ?? null);
    setWanted(await countReviews(profile));
  }, [profile]);

  useEffect(() => {
    setResult(undefined);
    void attempt(fetchNext);
    return () => {
      // Others may look at it; a page that is closed instead keeps it for ten minutes.
      if (held.current !== undefined) passReview(held.current, 'release').catch(() => undefined);
      held.current = undefined;
    };
  }, [attempt, fetchNext]);

  const judge = (feedback: FeedbackRequest) =>
    void attempt(async () => {
      if (!result) return;
      const stored = await giveFeedback(result.id, feedback);
      announce(`${fileNameOf(result)}: ${feedback.verdict}.`);
      held.current = undefined;
      setJudged([...judged, stored]);
      await fetchNext();
    });
  const skip = () =>
    void attempt(async () => {
      if (!result) return;
      await passReview(result.id, 'skip');
      announce(`${fileNameOf(result)} was skipped.`);
      await fetchNext();
    });
  const undo = () =>
    void attempt(async () => {
      const last = judged.at(-1);
      if (!last) return;
      if (held.current !== undefined) await passReview(held.current, 'release');
      held.current = undefined;
      setJudged(judged.slice(0, -1));
      setResult(last);
    });
  return {
    ...{ result, wanted, problem, isBusy, canUndo: judged.length > 0 },
    ...{ judge, skip, undo, look: () => void attempt(fetchNext) },
  };
}
