const SHORTEST_MS = 100;
const LONGEST_MS = 5_000;

/** A process that ran this long has recovered: its next crash is a first one again. */
const STABLE_MS = 10_000;

/** Crashes in a row from which on it looks as if restarting alone will not help. */
const LOOP_FROM = 3;

export interface RestartPlan {
  pauseMs: number;
  crashesInARow: number;
  crashLoop: boolean;
}

/** 100 ms, 200, 400 .. 5 s. */
export const planRestart = (crashesBefore: number, uptimeMs: number): RestartPlan => {
  const crashesInARow = uptimeMs >= STABLE_MS ? 1 : crashesBefore + 1;
  const pauseMs = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (crashesInARow - 1));
  return { pauseMs, crashesInARow, crashLoop: crashesInARow >= LOOP_FROM };
};
