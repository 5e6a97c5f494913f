import type { Command } from 'commander';
import { viewOf } from '../../shared/results/view.ts';
import { type Cli, examples } from '../cli.ts';
import { CliError } from '../failure.ts';
import { printDetails } from '../results/details.ts';
import { idOf } from '../results/reference.ts';

export function registerShow(program: Command, cli: Cli): void {
  program
    .command('show')
    .description('Show one result: picture, answer, model calls, times, and what to do next')
    .argument('<picture>', 'its name in the bucket, gs://bucket/name or the id of its result')
    .option('--json', 'the whole result as JSON')
    .addHelpText(
      'after',
      examples([
        ['show inventory/shelf.jpg', 'by name'],
        ['show gs://uploads/inventory/shelf.jpg', 'by address'],
        ['show 5b8ef3a0c1d94e7f8a6b2c3d4e5f6a7b --json', 'by id, for programs'],
      ]),
    )
    .action((reference: string, options: { json?: boolean }) => show(cli, reference, options));
}

async function show(cli: Cli, reference: string, options: { json?: boolean }): Promise<void> {
  const target = await cli.target();
  const id = idOf(reference, target.uploadsBucket);
  const result = await target.results.get(id);
  if (!result) {
    throw new CliError(`There is no result for ${reference}.`, {
      hint: `Check the name with pipeline results. A new upload appears within a second (looked in ${target.label}).`,
    });
  }
  if (options.json) cli.out.json(viewOf(id, result.document));
  else printDetails(cli.out, result);
}
