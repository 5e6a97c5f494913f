import { resolve } from 'node:path';
import { asksForHelp, readSettings, USAGE } from './settings.ts';

/** By the time that everything runs, the parent may have ended already. */
const PARENT = process.ppid;

/** `npm start`. It speaks before it loads what it starts: that alone takes a slow machine seconds. */
async function main(): Promise<void> {
  if (asksForHelp(process.argv.slice(2))) return console.log(USAGE);
  const settings = readSettings(process.argv.slice(2), process.env);
  console.log(`gemini-image-pipeline is starting, with its data in ${resolve(settings.dataDir)}`);
  const { start } = await import('./start.ts');
  await start(settings, PARENT, (step) => console.log(`  ${step} …`));
}

main().catch((error: unknown) => {
  console.error(sentence(error));
  if (error instanceof TypeError) console.error(`\n${USAGE}`);
  process.exit(1);
});

function sentence(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'mkdir' || ['ENOTDIR', 'EROFS', 'EACCES', 'ENOSPC'].includes(code ?? '')
    ? `The data folder cannot be used: ${error.message}. Name another with npm start -- --data FOLDER`
    : error.message;
}
