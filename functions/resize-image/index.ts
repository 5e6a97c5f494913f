import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { accountExternalMemory } from '../../shared/base/framework/external-memory.ts';
import { runWithoutDomains } from '../../shared/base/framework/no-domains.ts';
import { createLog } from '../../shared/base/log.ts';
import { deliver } from '../../shared/cloud/events/delivery.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { startProfiles } from '../../shared/profiles/options.ts';
import { Control } from '../../shared/results/pauses.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { Results } from '../../shared/results/results.ts';
import { takesLoopback } from '../../shared/results/webhooks/address.ts';
import { doorbell } from '../../shared/results/webhooks/doorbell.ts';
import { createResize } from './handler.ts';
import { resizeInvariants, resizeVariables } from './options.ts';
import { normalize } from './picture/normalize.ts';
import { PixelGate } from './picture/pixel-gate.ts';

runWithoutDomains();
accountExternalMemory();

const config = loadConfig(resizeVariables, process.env, resizeInvariants);
const log = createLog({ service: 'resize-image' });

const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
startProfiles(documents, config, log);

const buckets = new Buckets();

const handle = createResize({
  buckets,
  // Only deletions need it.
  forgetLabel: async (id, label) => {
    const { forgetLabel } = await import('../../shared/results/labels/forget.ts');
    return forgetLabel({ documents, buckets, preparedBucket: config.PREPARED_BUCKET }, id, label);
  },
  recovery: new Recovery(documents, { staleMs: config.STALE_MS }),
  control: new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log }),
  results: new Results(documents, {
    maxExecutions: config.MAX_EXECUTIONS,
    staleMs: config.STALE_MS,
    retentionDays: config.RESULT_RETENTION_DAYS,
    ended: doorbell(config, log),
  }),
  hasFallback: config.FALLBACK !== 'none',
  normalize,
  // Only profiles with `similar` need it.
  likenessOf: async (jpeg, scope) => (await import('./picture/likeness-of.ts')).likenessOf(jpeg, scope),
  gate: new PixelGate({ maxPixelsInFlight: config.MAX_PIXELS_IN_FLIGHT }),
  log,
  uploadsBucket: config.UPLOADS_BUCKET,
  preparedBucket: config.PREPARED_BUCKET,
  maxBytes: config.MAX_BYTES,
  maxPixels: config.MAX_PIXELS,
  timeLimitMs: config.RESIZE_TIME_LIMIT_MS,
  leaseMs: config.LEASE_MS,
  deleteWithUpload: config.DELETE_WITH_UPLOAD,
  loopback: takesLoopback(config),
});

http('resize-image', deliver(handle, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
