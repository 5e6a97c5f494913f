import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 20_000;

/** The present, for words such as "2 minutes ago". Epoch milliseconds. */
export function useClock(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
