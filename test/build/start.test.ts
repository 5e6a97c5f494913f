import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionNames } from '../../build/functions.ts';
import { type Deployed, deploy } from './deployed-process.ts';

/** Minutes of work: `npm run test:build` asks for it. */
const asked = process.env['TEST_DEPLOYABLES'] === '1';

const ENVIRONMENT = {
  NODE_ENV: 'production',
  METADATA_SERVER_DETECTION: 'none',
  GOOGLE_CLOUD_PROJECT: 'local',
  UPLOADS_BUCKET: 'uploads',
  PREPARED_BUCKET: 'prepared',
  GEMINI_API_KEY: 'not-a-key',
};

const pushOf = (bucket: string, name: string) => ({
  subscription: 'projects/local/subscriptions/one',
  message: {
    messageId: '1',
    attributes: {
      eventType: 'OBJECT_FINALIZE',
      bucketId: bucket,
      objectId: name,
      objectGeneration: '1700000000000000',
    },
    data: Buffer.from(
      JSON.stringify({ bucket, name, generation: '1700000000000000', size: '3', contentType: 'image/jpeg' }),
    ).toString('base64'),
  },
});

/** An event that each stage acknowledges without work, and without any cloud to talk to. */
const IGNORED: Readonly<Record<string, object>> = {
  'resize-image': pushOf('another-bucket', 'inventory/a.jpg'),
  'analyze-image': pushOf('prepared', 'not-a-prepared-name.txt'),
};

const post = (url: string, body: object) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe.runIf(asked).each(asked ? await functionNames() : [])(
  '%s, installed as the platform does',
  (name) => {
    let deployed: Deployed;
    beforeAll(async () => {
      deployed = await deploy(name);
    }, 180_000);
    afterAll(() => deployed.dispose());

    it('has compiled its code while the image was built', () => {
      const cache = join(deployed.folder, '.compile-cache');
      expect(existsSync(cache) && readdirSync(cache, { recursive: true }).length).toBeGreaterThan(1);
    });

    it.each([
      ['its own start script', ['npm', 'start']],
      ["the framework's command line", ['npx', '--no-install', 'functions-framework', `--target=${name}`]],
    ])('answers when started by %s', { timeout: 90_000 }, async (_, command) => {
      const url = await deployed.start(command, ENVIRONMENT);
      const ignored = IGNORED[name];
      if (!ignored) return expect((await fetch(url)).status).toBeLessThan(500);

      expect((await post(url, { what: 'no event' })).status).toBe(400);
      expect((await post(url, ignored)).status).toBe(204);
    });
  },
);
