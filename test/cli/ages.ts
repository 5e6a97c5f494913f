/**
 * What a command that has ended by now may have called the age of something made since `madeMs`, as part of a regular
 * expression: `just now`, and where a busy machine took minutes for all of it, each of these minutes.
 */
export function agesSince(madeMs: number): string {
  const minutes = Math.floor((Date.now() - madeMs) / 60_000);
  return `(?:${['just now', ...Array.from({ length: minutes }, (_, i) => `${i + 1} min ago`)].join('|')})`;
}
