import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of buffers that somebody still holds; those that only wait for their collection say how busy the machine is. */
export function heldInBuffers(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
