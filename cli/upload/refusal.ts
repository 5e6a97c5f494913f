import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { CliError } from '../failure.ts';
import type { NamedFile } from './names.ts';

/** https://cloud.google.com/storage/docs/objects#naming */
const MAX_NAME_BYTES = 1_024;

/** Why a file would be refused after it was sent whole, when that can be seen before. */
export function refusalOf({ name, bytes }: NamedFile, maxBytes: number): Error | undefined {
  if (/[\r\n]/.test(name)) {
    return new CliError('Cloud Storage takes no name with a line break.', { hint: 'Rename the file.' });
  }
  const nameBytes = Buffer.byteLength(name);
  if (nameBytes > MAX_NAME_BYTES) {
    return new CliError(`Its name has ${nameBytes} bytes; Cloud Storage takes at most ${MAX_NAME_BYTES}.`, {
      hint: 'Rename the file or choose a shorter --prefix.',
    });
  }
  if (bytes > maxBytes) {
    return new PipelineError(
      'TOO_MANY_BYTES',
      `The file has ${bytes} bytes; at most ${maxBytes} are accepted.`,
    );
  }
  return undefined;
}
