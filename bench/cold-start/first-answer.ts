import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { findFreePort } from '../../local/supervisor/free-port.ts';
import { type Cost, cpuOf } from '../measure.ts';

/** Nothing is reached: the first event of each stage is one that it acknowledges without work. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  METADATA_SERVER_DETECTION: 'none',
  GOOGLE_CLOUD_PROJECT: 'local',
  // Nothing answers there: a function starts all the same, and needs no credentials for it.
  FIRESTORE_EMULATOR_HOST: '127.0.0.1:9',
  UPLOADS_BUCKET: 'uploads',
  PREPARED_BUCKET: 'prepared',
  GEMINI_API_KEY: 'not-a-key',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
  WEBHOOK_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}`,
};

/** Plain JavaScript in the command line, because loading a TypeScript file would be timed along. */
const LOOPBACK = `data:text/javascript,${encodeURIComponent(
  "import net from 'node:net';const listen=net.Server.prototype.listen;" +
    "net.Server.prototype.listen=function(port,...rest){return typeof port==='object'?listen.call(this,{...port,host:'127.0.0.1'},...rest):listen.call(this,{port:Number(port),host:'127.0.0.1'},rest.find((it)=>typeof it==='function'))};",
)}`;

const eventOf = (bucket: string, name: string): string =>
  JSON.stringify({
    subscription: 'projects/local/subscriptions/one',
    message: {
      messageId: '1',
      attributes: {
        eventType: 'OBJECT_FINALIZE',
        bucketId: bucket,
        objectId: name,
        objectGeneration: '1700000000000000',
      },
      data: Buffer.from(JSON.stringify({ bucket, name, generation: '1700000000000000', size: '3' })).toString(
        'base64',
      ),
    },
  });

const FIRST_EVENT: Readonly<Record<string, string>> = {
  'resize-image': eventOf('another-bucket', 'inventory/a.jpg'),
  'analyze-image': eventOf('prepared', 'not-a-prepared-name.txt'),
};

const LIMIT_MS = 30_000;

/** From the start of the process to its first answer: 204 for a stage, the framework's own 404 for the others. */
export async function firstAnswer(name: string, folder: string, args: readonly string[]): Promise<Cost> {
  const port = await findFreePort();
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', LOOPBACK, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], ...ENVIRONMENT, FUNCTION_TARGET: name, PORT: String(port) },
  });
  const ended = once(child, 'exit');
  try {
    for (;;) {
      const status = await ask(name, port);
      const wallMs = performance.now() - started;
      if (status !== undefined && status < 500) return { wallMs, cpuMs: cpuOf(child.pid ?? 0) };
      if (child.exitCode !== null || wallMs > LIMIT_MS)
        throw new Error(`${name} in ${folder} did not answer (${status ?? 'no connection'}).`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Undefined while nothing listens. */
function ask(name: string, port: number): Promise<number | undefined> {
  const body = FIRST_EVENT[name];
  return new Promise((resolve) => {
    request(
      {
        host: '127.0.0.1',
        port,
        agent: false,
        ...(body === undefined
          ? { path: '/favicon.ico' }
          : { method: 'POST', headers: { 'content-type': 'application/json' } }),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    )
      .once('error', () => resolve(undefined))
      .end(body);
  });
}
