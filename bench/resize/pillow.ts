import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const SCRIPT = fileURLToPath(new URL('pillow.py', import.meta.url));

/** Debian's own comes before the first of the path: version managers put another Python, without Pillow, in front of it. */
const PYTHONS = [process.env['BENCH_PYTHON'], '/usr/bin/python3', 'python3'];

const answer = z.object({ cpuMs: z.number(), wallMs: z.number() });

export interface Order {
  source: string;
  /** Where the JPEG goes. */
  target: string;
  /** Where the picture without loss goes, its long side as large as named. */
  reference?: string;
  longSide?: number;
  /** Turned upright and converted to sRGB, as ours is and the script's is not. */
  careful?: boolean;
  /** Columns and rows of the source that are kept; with `careful`. */
  crop?: readonly [width: number, height: number];
}

/** The Pillow script in a warm process. */
export interface Pillow {
  version: string;
  shrink(order: Order): Promise<z.infer<typeof answer>>;
  close(): void;
}

/** Undefined where no Python with Pillow is installed; BENCH_PYTHON names one. */
export function startPillow(): Pillow | undefined {
  for (const python of PYTHONS) {
    if (python === undefined) continue;
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
    shrink: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The Pillow process ended early.');
      return answer.parse(JSON.parse(value));
    },
    close: () => child.stdin.end(),
  };
}
