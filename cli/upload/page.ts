import type { z } from 'zod';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';

const ASK_MS = 2_000;

/** What the API of a local cloud answers; undefined when it does not: pictures can be stored all the same. */
export async function askPage<S extends z.ZodType>(
  page: string,
  path: string,
  shape: S,
): Promise<z.infer<S> | undefined> {
  try {
    const answer = await withDeadline(ASK_MS, undefined, async (signal) => {
      const response = await fetch(new URL(path, page), { signal });
      return response.json();
    });
    return shape.safeParse(answer).data;
  } catch {
    return undefined;
  }
}
