import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const SCRIPT = fileURLToPath(new URL('pillow.py', import.meta.url));

/** Debian's own comes first: version managers put another Python, without Pillow, in front of it. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

const answer = z.object({ cpuMs: z.number(), wallMs: z.number(), peakMiB: z.number() });

export interface Reference {
  path: string;
  longSide: number;
}

/** The Pillow script in a warm process. */
export interface Pillow {
  version: string;
  /** Shrinks the file to a JPEG; with `reference` also to a PNG without loss, its long side as large as named. */
  shrink(source: string, target: string, reference?: Reference): Promise<z.infer<typeof answer>>;
  close(): void;
}

/** Undefined where no Python with Pillow is installed. */
export function startPillow(): Pillow | undefined {
  for (const python of PYTHONS) {
    const probe = spawnSync(python, ['-c', 'import PIL; print(PIL.__version__)'], { encoding: 'utf8' });
    if (probe.status === 0) return startWith(python, probe.stdout.trim());
  }
  return undefined;
}

function startWith(python: string, version: string): Pillow {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    version,
    shrink: async (source, target, reference) => {
      const fields = [source, target, reference?.path ?? '', reference?.longSide ?? ''];
      child.stdin.write(`${fields.join('\t')}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The Pillow process ended early.');
      return answer.parse(JSON.parse(value));
    },
    close: () => child.stdin.end(),
  };
}
