import { vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';

/** A local Firestore of a test's own that can be away, and its clients. */
export interface UnsteadyFirestore {
  server: FirestoreServer;
  /**
   * Has the patience that a busy machine needs, and next to none while Firestore is away: that it does not answer is
   * then known in half a second.
   */
  connect(): Documents;
  setFault: FirestoreServer['setFault'];
  close(): Promise<void>;
}

export async function startUnsteadyFirestore(): Promise<UnsteadyFirestore> {
  const server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  const open: Documents[] = [];
  let isAway = false;
  const setFault: FirestoreServer['setFault'] = (fault) => {
    isAway = fault !== 'none';
    server.setFault(fault);
  };
  return {
    server,
    setFault,
    connect: () => {
      const patient = new Documents({ projectId: 'local', attemptMs: 30_000, overallMs: 60_000 });
      const hasty = new Documents({ projectId: 'local', attemptMs: 400, overallMs: 500 });
      open.push(patient, hasty);
      return new Proxy(patient, {
        get: (_, name) => {
          const now = isAway ? hasty : patient;
          const member = now[name as keyof Documents];
          return typeof member === 'function' ? member.bind(now) : member;
        },
      });
    },
    close: async () => {
      setFault('none');
      await Promise.all(open.map((documents) => documents.close()));
      await server.close();
      vi.unstubAllEnvs();
    },
  };
}
