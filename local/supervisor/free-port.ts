import { type AddressInfo, createServer } from 'node:net';

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });

/** A port nobody listens on at 127.0.0.1: `preferred` if it is free, else one the system picks. */
export const findFreePort = async (preferred = 0): Promise<number> =>
  (await isPortFree(preferred)) && preferred !== 0 ? preferred : listenOnce(0);

export const isPortFree = async (port: number): Promise<boolean> => {
  try {
    await listenOnce(port);
    return true;
  } catch {
    return false;
  }
};
