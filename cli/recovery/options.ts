import { InvalidArgumentError } from 'commander';
import { FAILURES, type FailureCode } from '../../shared/base/errors/codes.ts';

/** A number of things on the command line. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It is a whole number from 1 on.');
  return value;
}

/** US dollars on the command line. */
export function parseUsd(text: string): number {
  const value = Number(text.replace(/^\$/, ''));
  if (!Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It is an amount in US dollars, such as 2.50.');
  return value;
}

export function parseFailureCode(text: string): FailureCode {
  const code = text.toUpperCase();
  if (code in FAILURES) return code as FailureCode;
  throw new InvalidArgumentError(`There is no such code; there are: ${Object.keys(FAILURES).join(', ')}.`);
}
