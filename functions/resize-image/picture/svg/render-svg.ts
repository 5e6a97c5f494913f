import { type ChildProcess, fork } from 'node:child_process';
import { PipelineError } from '../../../../shared/base/errors/pipeline-error.ts';
import { tooManyPixels } from '../decode-failure.ts';
import { besides } from '../module-file.ts';
import type { Rendered, RenderOptions } from '../render.ts';
import type { SvgAnswer, SvgOrder } from './svg-process.ts';

interface RenderedSvg extends Rendered {
  /** Size the document declares, in pixels. */
  declared: { width: number; height: number };
}

/**
 * Draws an SVG on white. A few hundred bytes of nested references can keep the renderer busy for hours, and nothing
 * stops it but the end of its process: so it gets one, without our environment, and is killed when the signal says so.
 * The renderer knows no base address and so opens no file and no connection, whatever the document refers to.
 * @throws CORRUPT_IMAGE, TOO_MANY_PIXELS or the signal's reason.
 */
export async function renderSvg(
  bytes: Buffer,
  options: RenderOptions,
  signal: AbortSignal,
): Promise<RenderedSvg> {
  signal.throwIfAborted();
  const child = fork(besides(import.meta.url, 'svg-process'), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: {},
  });
  const onAbort = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { maxSide, maxPixels, quality, maxBytes } = options;
    return read(await ask(child, { bytes, maxSide, maxPixels, quality, maxBytes }), maxPixels);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

const ask = (child: ChildProcess, order: SvgOrder): Promise<SvgAnswer> =>
  new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as SvgAnswer));
    child.once('error', reject);
    child.once('exit', (code, killedBy) =>
      resolve({ kind: 'failed', message: `renderer ended: ${killedBy ?? code}` }),
    );
    child.send(order, (error) => error && reject(error));
  });

function read(answer: SvgAnswer, maxPixels: number): RenderedSvg {
  if (answer.kind === 'too-many-pixels') throw tooManyPixels(answer.width, answer.height, maxPixels);
  if (answer.kind === 'rendered') return { ...answer, bytes: Buffer.from(answer.bytes) };
  throw new PipelineError(
    'CORRUPT_IMAGE',
    'The SVG picture cannot be drawn: it is damaged or declares no usable size.',
    {
      cause: new Error(answer.message),
    },
  );
}
