import { apiVariables, GREATEST_MAX_BYTES } from '../../functions/api/options.ts';
import { withDeadline } from '../../shared/base/resilience/deadline.ts';
import { serviceStatus } from '../../shared/results/api/answers.ts';
import { CliError } from '../failure.ts';
import type { Environment, Target } from '../target.ts';

const ASK_MS = 2_000;

/**
 * As many bytes as one file may have, as far as that is known: the local cloud is asked, a deployment's limit is
 * MAX_BYTES as its functions have it. What nobody said is the most that any pipeline takes.
 *
 * @throws CliError for a MAX_BYTES that no function would start with
 */
export async function byteLimit({ page }: Pick<Target, 'page'>, env: Environment): Promise<number> {
  if (page !== undefined) return (await limitAt(page)) ?? GREATEST_MAX_BYTES;
  const named = env['MAX_BYTES'];
  if (!named) return GREATEST_MAX_BYTES;
  const limit = apiVariables.MAX_BYTES.safeParse(named);
  if (limit.success) return limit.data;
  throw new CliError(`MAX_BYTES is "${named}": ${limit.error.issues[0]?.message}.`, {
    hint: 'Give it the value that the functions have, or leave it out.',
  });
}

/** Undefined when the page does not answer: pictures can be stored all the same. */
async function limitAt(page: string): Promise<number | undefined> {
  try {
    const status = await withDeadline(ASK_MS, undefined, async (signal) => {
      const response = await fetch(new URL('/v1/status', page), { signal });
      return response.json();
    });
    return serviceStatus.safeParse(status).data?.maxBytes;
  } catch {
    return undefined;
  }
}
