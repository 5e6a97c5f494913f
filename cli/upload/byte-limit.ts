import { apiVariables, GREATEST_MAX_BYTES } from '../../functions/api/options.ts';
import { serviceStatus } from '../../shared/results/api/answers.ts';
import { CliError } from '../failure.ts';
import type { Environment, Target } from '../target.ts';
import { askPage } from './page.ts';

/**
 * As many bytes as one file may have, as far as that is known: the local cloud is asked, a deployment's limit is
 * MAX_BYTES as its functions have it. What nobody said is the most that any pipeline takes.
 *
 * @throws CliError for a MAX_BYTES that no function would start with
 */
export async function byteLimit({ page }: Pick<Target, 'page'>, env: Environment): Promise<number> {
  if (page !== undefined)
    return (await askPage(page, '/v1/status', serviceStatus))?.maxBytes ?? GREATEST_MAX_BYTES;
  const named = env['MAX_BYTES'];
  if (!named) return GREATEST_MAX_BYTES;
  const limit = apiVariables.MAX_BYTES.safeParse(named);
  if (limit.success) return limit.data;
  throw new CliError(`MAX_BYTES is "${named}": ${limit.error.issues[0]?.message}.`, {
    hint: 'Give it the value that the functions have, or leave it out.',
  });
}
