import { isMainThread } from 'node:worker_threads';

/**
 * Preload (`--import`) for a process started with an ipc channel: the kernel closes the channel when the parent dies,
 * even of a kill -9, and then this process goes too. Worker threads load it as well, but have no channel.
 */
const exit = () => process.exit(0);

if (isMainThread) {
  process.on('disconnect', exit);
  if (!process.connected) exit();
}
