import { Transform } from 'node:stream';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { Problem } from '../problem.ts';

interface ByteLimit {
  fileName: string;
  maxBytes: number;
  /** Told of every piece. */
  onMove: () => void;
  /** The stream ends when this resolves and breaks when it rejects. */
  followed: Promise<void>;
}

/** Passes a file on and breaks the stream when it grows beyond `maxBytes` or ends without a byte. */
export function byteLimit({ fileName, maxBytes, onMove, followed }: ByteLimit): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onMove();
      if (bytes > maxBytes) done(tooManyBytes(fileName, maxBytes));
      else done(null, chunk);
    },
    flush(done) {
      if (bytes === 0) done(emptyFile(fileName));
      else followed.then(() => done(), done);
    },
  });
}

export const tooManyBytes = (fileName: string, maxBytes: number): PipelineError =>
  new PipelineError('TOO_MANY_BYTES', `${fileName} has more than the ${maxBytes} bytes that are accepted.`);

const emptyFile = (fileName: string): Problem =>
  new Problem('INVALID_REQUEST', `${fileName} is empty.`, 'Choose a file that holds a picture.');
