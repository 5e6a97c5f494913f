import { createInterface } from 'node:readline/promises';
import { type NanoUsd, usdOf } from '../../shared/prices/units.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../failure.ts';
import { plural } from '../text/units.ts';
import { dollars } from './report/numbers.ts';

interface Spending {
  questions: number;
  expected: NanoUsd;
  /** What the run has spent before it was interrupted. */
  spent: NanoUsd;
  maxUsd: number;
  answeredBy: string;
}

/** Asks before money is spent. @throws CliError when nobody agrees, nobody can be asked, or the cap is too low */
export async function agreeToSpend(
  cli: Cli,
  { questions, expected, spent, maxUsd, answeredBy }: Spending,
  isAgreed: boolean,
): Promise<void> {
  const price = `about ${dollars(usdOf(expected))}`;
  const before = spent > 0 ? `, after ${dollars(usdOf(spent))} before` : '';
  const sentence = `${plural(questions, 'question')} to ${answeredBy}: ${price}${before}, and never more than ${dollars(maxUsd)} in all.`;
  if (usdOf(expected + spent) > maxUsd) {
    throw new CliError(
      `${plural(questions, 'question')} cost ${price}${before}: more than --max-usd ${maxUsd}.`,
      { hint: 'Ask less (fewer --models, --sides, --repeat or labels), or raise --max-usd.' },
    );
  }
  if (isAgreed) return cli.out.note(sentence);
  if (!process.stdin.isTTY || !cli.out.interactive) {
    throw new CliError(`${sentence} Nobody can be asked: this is no terminal.`, {
      hint: 'Add --yes to agree.',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: cli.out.stderr });
  try {
    const answer = await terminal.question(`${sentence} Ask them? [y/N] `, { signal: cli.interrupted });
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was asked.');
  } finally {
    terminal.close();
  }
}
