/**
 * Preload (`--import`) for a process started with an ipc channel: the kernel closes the channel when the parent dies,
 * even of a kill -9, and then this process goes too.
 */
const exit = () => process.exit(0);

process.on('disconnect', exit);
if (!process.connected) exit();
