import { startFirestoreServer } from '../../../local/firestore/server.ts';

// A server in a process of its own, to be killed. Tells its parent where it listens.
const [dataDir] = process.argv.slice(2);
const { host } = await startFirestoreServer(dataDir === undefined ? {} : { dataDir });
process.send?.({ host });
process.on('disconnect', () => process.exit(0));
