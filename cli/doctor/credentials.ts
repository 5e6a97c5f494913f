import { execFile } from 'node:child_process';
import { GoogleAuth } from 'google-auth-library';

/** Reads everything; `.read-only` does not reach Pub/Sub, Firestore's documents and Cloud Scheduler. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** gcloud starts slowly and may have to renew its token. Milliseconds. */
const GCLOUD_MS = 20_000;

/**
 * An access token of the person: the application default credentials, else gcloud's own. Undefined when neither is
 * there. The token is only ever sent to Google.
 */
export async function accessToken(): Promise<string | undefined> {
  try {
    const token = await new GoogleAuth({ scopes: [SCOPE] }).getAccessToken();
    if (token) return token;
  } catch {
    // None there, or out of date; gcloud may have better ones.
  }
  return gcloudToken();
}

const gcloudToken = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile('gcloud', ['auth', 'print-access-token'], { timeout: GCLOUD_MS }, (failure, stdout) =>
      resolve(failure ? undefined : stdout.trim() || undefined),
    );
  });
