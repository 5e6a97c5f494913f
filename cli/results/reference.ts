import { resultId } from '../../shared/results/id.ts';
import { CliError } from '../failure.ts';

const ID = /^[0-9a-f]{32}$/;
const URL = /^gs:\/\/([^/]+)\/(.+)$/;

/** The result that a person means: an id, `gs://bucket/name` (also with `#generation`) or a name in the uploads bucket. */
export function idOf(reference: string, uploadsBucket: string): string {
  if (ID.test(reference)) return reference;
  if (!reference.startsWith('gs://')) return resultId({ bucket: uploadsBucket, name: reference });
  const [, bucket, name] = URL.exec(reference) ?? [];
  if (bucket === undefined || name === undefined) {
    throw new CliError(`${reference} names no object.`, { hint: 'Write gs://BUCKET/NAME.' });
  }
  return resultId({ bucket, name: name.replace(/#\d+$/, '') });
}
