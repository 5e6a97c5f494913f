import { resolve } from 'node:path';
import { gcloudUpload } from '../shared/cloud/storage/gcloud.ts';
import type { LocalCloud, Ports } from './cloud.ts';
import type { Settings } from './settings.ts';
import { isPortFree } from './supervisor/free-port.ts';
import { UPLOADS_BUCKET } from './topology.ts';
import type { ChangedSetting, GivenVariables } from './variables/given.ts';

/** What a person sees when everything is up. */
export function greeting(
  cloud: LocalCloud,
  settings: Settings,
  given: Pick<GivenVariables, 'changed' | 'ignored'>,
  bootMs: number,
): string {
  return `
gemini-image-pipeline is up (${(bootMs / 1000).toFixed(1)} s), all on this machine.

  Page      ${cloud.url('api')}
  Answers   ${
    settings.geminiApiKey
      ? 'the real Gemini (GEMINI_API_KEY is set): calls cost money'
      : 'the local reader: barcodes and text, read on this machine (set GEMINI_API_KEY for the real Gemini)'
  }
${fallbackLine(settings)}${settingsLines(given)}  Upload    drop pictures on the page, or
            npm run pipeline -- upload photos/ --profile inventory
            ${gcloudUpload(UPLOADS_BUCKET, 'inventory', cloud.storage.url)}
  Results   on the page, or in the collection results, with Google's Firestore client of any language
  Clients   eval "$(npx pipeline env${dataFlag(settings)})" leads those of Python, Go, Java, Node and gcloud here: docs/clients.md
  State     ${settings.dataDir} (survives restarts; delete it to start over); logs in ${settings.dataDir}/logs

Stop with Ctrl-C.`;
}

const fallbackLine = ({ fallback }: Settings): string =>
  fallback === 'none'
    ? ''
    : '  Fallback  the local reader steps in while no model can answer; its answers are marked degraded and asked again\n';

/** What is not as it is by default: nobody should have to guess which budget holds. */
function settingsLines({ changed, ignored }: Pick<GivenVariables, 'changed' | 'ignored'>): string {
  const lines = [
    ...changed.map(settingOf),
    ...ignored.map((name) => `${name} is set, but the local cloud decides it itself`),
  ];
  return lines.map((line, index) => `  ${index === 0 ? 'Settings' : '        '}  ${line}\n`).join('');
}

const settingOf = ({ name, value, usual }: ChangedSetting): string => {
  const otherwise = usual === undefined || usual === '' ? 'not set' : usual;
  return value === undefined ? `${name} is set` : `${name}=${value} (by default ${otherwise})`;
};

/** `npx pipeline` looks into .local automatically. */
const dataFlag = ({ dataDir }: Settings): string =>
  dataDir === '.local' ? '' : ` --data ${JSON.stringify(resolve(dataDir))}`;

/** Those of the wanted ports that somebody listens on. */
export async function takenPorts(ports: Ports): Promise<number[]> {
  const taken: number[] = [];
  for (const port of Object.values(ports)) if (!(await isPortFree(port))) taken.push(port);
  return taken;
}
