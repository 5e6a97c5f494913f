import type { ServiceStatus } from '../../shared/results/api/answers.ts';
import type { ProfileView } from '../../shared/results/api/profile-views.ts';
import { getProfiles, getStatus, RequestFailed } from '../server/requests.ts';
import { createStore } from './store.ts';

interface Service {
  status: ServiceStatus | undefined;
  profiles: readonly ProfileView[];
}

export const service = createStore<Service>({ status: undefined, profiles: [] });

const RETRY_MS = 3_000;

/** Reads what does not change while the server runs; tries until it is there. */
export async function readService(): Promise<void> {
  try {
    const [status, profiles] = await Promise.all([getStatus(), getProfiles()]);
    service.set(() => ({ status, profiles }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    setTimeout(() => void readService(), RETRY_MS);
  }
}

const REMEMBERED = 'profile';

export const chosenProfile = createStore(localStorage.getItem(REMEMBERED) ?? '');

export function chooseProfile(name: string): void {
  localStorage.setItem(REMEMBERED, name);
  chosenProfile.set(() => name);
}

/** The remembered profile while the server still has it, else its default. */
export const profileInUse = ({ profiles }: Service, chosen: string): ProfileView | undefined =>
  profiles.find(({ name }) => name === chosen) ?? profiles.find(({ isDefault }) => isDefault);
